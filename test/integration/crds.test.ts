import assert from "node:assert/strict";
import type { Client } from "../../src/kube/client.ts";
import { sharedCluster } from "./harness/cluster.ts";
import { refusal, refusalOfChange, type Fields } from "./harness/refusal.ts";
import { isOf, rulesOf } from "./harness/rules.ts";
import { changes } from "./refused/changes.ts";
import { clusterCases } from "./refused/clusters.ts";
import { acceptedDevices, deviceCases } from "./refused/devices.ts";
import { acceptedFilesystems, filesystemCases } from "./refused/filesystems.ts";
import { initDataCases } from "./refused/init-data.ts";
import { instanceCases, instanceSpec } from "./refused/instances.ts";
import { machineCases } from "./refused/machines.ts";

const accepted: { title: string; kind: string; spec: Fields }[] = [
  { title: "the smallest instance", kind: "VirtualMachineInstance", spec: instanceSpec() },
  {
    title: "a KubeVirt manifest's shape",
    kind: "VirtualMachine",
    spec: {
      running: true,
      template: {
        metadata: { labels: { "kubevirt.io/domain": "a" } },
        spec: {
          domain: {
            cpu: { cores: 2 },
            devices: {
              disks: [{ name: "containerdisk", disk: { bus: "virtio" } }],
              interfaces: [{ name: "default", bridge: {} }],
              rng: {},
            },
            resources: { requests: { memory: "1024M" } },
          },
          networks: [{ name: "default", pod: {} }],
          terminationGracePeriodSeconds: 0,
          volumes: [
            {
              name: "containerdisk",
              containerDisk: { image: "quay.io/kubevirt/cirros-container-disk-demo" },
            },
          ],
        },
      },
    },
  },
  { title: "a cluster of defaults", kind: "CoreOSCluster", spec: {} },
  ...[...acceptedDevices, ...acceptedFilesystems].map(([title, spec]) => ({
    title,
    kind: "VirtualMachineInstance",
    spec,
  })),
];

describe("the API", () => {
  let client: Client;

  before(async function () {
    this.timeout(120_000);
    ({ client } = await sharedCluster());
  });

  for (const { title, kind, spec } of accepted) {
    it(`takes ${title}`, async () => {
      assert.equal(await refusal(client, kind, spec), "");
    });
  }

  /** What the API server has said so far. */
  const heard: { kind: string; message: string }[] = [];
  const refuses = (kind: string, says: string, message: string): void => {
    heard.push({ kind, message });
    assert.ok(message.includes(says), message === "" ? "it was accepted" : message);
  };

  for (const [kind, cases] of [
    ["VirtualMachineInstance", instanceCases],
    ["VirtualMachineInstance", initDataCases],
    ["VirtualMachineInstance", deviceCases],
    ["VirtualMachineInstance", filesystemCases],
    ["VirtualMachine", machineCases],
    ["CoreOSCluster", clusterCases],
  ] as const) {
    for (const { title, spec, says, name } of cases) {
      it(`refuses a ${kind} with ${title}`, async () => {
        refuses(kind, says, await refusal(client, kind, spec, name));
      });
    }
  }

  for (const change of changes) {
    it(`refuses to change ${change.title}`, async () => {
      refuses(change.kind, change.says, await refusalOfChange(client, change));
    });
  }

  it("does not quote what is too long to be read", () => {
    const longest = Math.max(...heard.map(({ message }) => message.length));
    assert.ok(longest < 2_000, String(longest));
  });

  for (const rule of ["virtualmachineinstance", "virtualmachine", "coreoscluster"].flatMap((name) =>
    rulesOf(`${name}.yaml`),
  )) {
    it(`has been heard to say of ${rule.kind} ${rule.path}: ${rule.says}`, () => {
      assert.ok(
        heard.some(({ kind, message }) => kind === rule.kind && isOf(rule, message)),
        "no test breaks this rule; add a case to test/integration/refused",
      );
    });
  }

  it("has schemas that the API server finds nothing to warn of", async () => {
    const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    const { items } = await client.call<{
      items: { spec: { group: string }; status: { conditions: { type: string; status: string }[] } }[];
    }>("GET", path);
    const ours = items.filter(({ spec }) => spec.group === "nestlet.dev");
    assert.equal(ours.length, 3);
    for (const { status } of ours) {
      const held = status.conditions
        .filter((condition) => condition.status === "True")
        .map(({ type }) => type);
      assert.deepEqual(held.sort(), ["Established", "NamesAccepted"]);
    }
  });
});
