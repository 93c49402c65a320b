import assert from "node:assert/strict";
import type { CoreOSCluster, VirtualMachine } from "../../api/resources.ts";
import { lanAddressOf, memberNamed, selected, type Member, type MemberFlags } from "./members.ts";

const member = (name: string, role: "master" | "worker", pool?: string, lan?: string): Member => ({
  name,
  role,
  pool,
  machine: {
    metadata: { annotations: lan === undefined ? {} : { "nestlet.dev/lan-number": lan } },
  } as unknown as VirtualMachine,
  instance: undefined,
});
const members = [
  member("lab-master-0", "master"),
  member("lab-node-0", "worker"),
  member("lab-node-1", "worker"),
  member("lab-gpu-0", "worker", "gpu", "40"),
];

describe("members that are meant", () => {
  const meant: [MemberFlags, string[]][] = [
    [{}, ["lab-master-0", "lab-node-0", "lab-node-1", "lab-gpu-0"]],
    [{ group: ["masters"] }, ["lab-master-0"]],
    [{ group: ["workers"] }, ["lab-node-0", "lab-node-1", "lab-gpu-0"]],
    [{ group: ["gpu", "masters"] }, ["lab-master-0", "lab-gpu-0"]],
    [{ group: ["all"], member: ["node-1", "lab-master-0"] }, ["lab-node-1", "lab-master-0"]],
  ];
  for (const [flags, names] of meant) {
    it(JSON.stringify(flags), () => {
      assert.deepEqual(
        selected("lab", members, flags).map(({ name }) => name),
        names,
      );
    });
  }
  it("have to exist", () => {
    assert.throws(() => selected("lab", members, { group: ["disk"] }), {
      exitCode: 2,
      remedy: /masters, workers, all, gpu$/,
    });
    assert.throws(() => memberNamed("lab", members, "node-9"), {
      exitCode: 3,
      remedy: /it has lab-master-0, /,
    });
    assert.throws(() => memberNamed("lab", [], "node-9"), { remedy: /no members yet/ });
  });
});

describe("lanAddressOf", () => {
  const cluster = { spec: { network: { lanCIDR: "192.168.10.0/24" } } } as CoreOSCluster;
  const addresses = members.map((one) => lanAddressOf(cluster, one));
  it("follows from the name, or is told", () => {
    assert.deepEqual(addresses, ["192.168.10.1", "192.168.10.2", "192.168.10.3", "192.168.10.40"]);
  });
  it("is unknown otherwise", () => {
    assert.equal(lanAddressOf({ spec: {} } as CoreOSCluster, members[0] as Member), undefined);
    assert.equal(lanAddressOf(cluster, member("lab-gpu-1", "worker", "gpu")), undefined);
  });
});
