import assert from "node:assert/strict";
import { coreOSClusters as clusters, virtualMachines as machines } from "../../src/api/resources.ts";
import type { Client } from "../../src/kube/client.ts";
import { secrets } from "../../src/kube/object.ts";
import { eventually } from "./harness/cluster.ts";
import { clusterTools, textOf } from "./harness/clusters.ts";
import { withController } from "./harness/stage.ts";

interface Ignition {
  storage: { files: { path: string; contents: { source: string } }[] };
}

describe("a cluster with pools", () => {
  let client: Client;
  let namespace: string;

  withController((stage) => ({ client, namespace } = stage));

  const { create, become, staying } = clusterTools(
    () => client,
    () => namespace,
  );

  /** Text of a file that a member's Ignition config writes. */
  const fileOf = async (member: string, path: string): Promise<string> => {
    const secret = await client.get(secrets, namespace, `${member}-ignition`);
    const { storage } = JSON.parse(textOf(secret, "userdata")) as Ignition;
    const source = storage.files.find((file) => file.path === path)?.contents.source ?? "";
    return Buffer.from(source.replace("data:;base64,", ""), "base64").toString();
  };

  const lanNumbers = async (): Promise<Record<string, string>> => {
    const { items } = await client.listPage(machines, { namespace }, 100);
    const pairs = items.map(({ metadata }) => [
      metadata.name.slice(4),
      metadata.annotations?.["nestlet.dev/lan-number"] ?? "",
    ]);
    return Object.fromEntries(pairs) as Record<string, string>;
  };

  const patch = async (spec: object): Promise<void> => {
    await client.mergePatch(clusters, { namespace, name: "lab" }, { spec });
  };

  it("gets their members, each with the pool's machine, label and a number of its own", async () => {
    await create({
      workers: { replicas: 1 },
      pools: [
        {
          name: "fast",
          replicas: 2,
          machine: {
            cores: 4,
            memory: "3Gi",
            labels: { "example.com/disk": "nvme" },
            taints: [{ key: "only", effect: "NoSchedule" }],
          },
        },
        { name: "empty", replicas: 0 },
      ],
    });
    await become(machines, ["lab-fast-0", "lab-fast-1", "lab-master-0", "lab-node-0"]);
    assert.deepEqual(await lanNumbers(), {
      "fast-0": "250",
      "fast-1": "249",
      "master-0": "1",
      "node-0": "2",
    });
    const { metadata, spec } = await client.get(machines, namespace, "lab-fast-1");
    assert.equal(metadata.labels?.["nestlet.dev/pool"], "fast");
    assert.equal(spec.template.metadata?.labels?.["nestlet.dev/pool"], "fast");
    assert.equal(spec.template.spec.domain.cpu?.cores, 4);
    assert.equal(spec.template.spec.domain.memory?.guest, "3Gi");
    const master = await client.get(machines, namespace, "lab-master-0");
    assert.equal(master.spec.template.spec.domain.resources?.requests?.cpu, "500m");
    assert.equal(
      spec.template.spec.domain.resources,
      undefined,
      "a worker's is the tenth of a core for each",
    );
    const kubeadm = await fileOf("lab-fast-1", "/etc/nestlet/kubeadm.yaml");
    assert.match(kubeadm, /"value":"example\.com\/disk=nvme,nestlet\.dev\/pool=fast"/);
    assert.match(kubeadm, /"key":"only"/);
    assert.match(kubeadm, /"name":"node-ip","value":"192\.168\.10\.249"/);
    const lan = await fileOf("lab-node-0", "/etc/nestlet/lan.env");
    assert.match(lan, /^OTHER_MEMBERS="250:lab-fast-0 249:lab-fast-1"$/m);
    const pools = await eventually("both machines are in the status", async () => {
      const { status } = await client.get(clusters, namespace, "lab");
      return status?.pools?.[0]?.replicas === 2 ? status.pools : undefined;
    });
    assert.deepEqual(pools, [
      { name: "fast", replicas: 2, readyReplicas: 0, lanNumbers: [250, 249] },
      { name: "empty", replicas: 0, readyReplicas: 0, lanNumbers: [] },
    ]);
  });

  it("keeps everybody's number while pools come, grow, shrink and go", async () => {
    await create({ workers: { replicas: 0 }, pools: [{ name: "b", replicas: 2 }] });
    await become(machines, ["lab-b-0", "lab-b-1", "lab-master-0"]);
    const a = { name: "a", replicas: 1 };
    await patch({ pools: [a, { name: "b", replicas: 1 }] });
    await staying(["lab-a-0", "lab-b-0", "lab-master-0"]);
    await patch({ workers: { replicas: 1 }, pools: [a, { name: "b", replicas: 2 }] });
    await staying(["lab-a-0", "lab-b-0", "lab-b-1", "lab-master-0", "lab-node-0"]);
    assert.deepEqual(await lanNumbers(), {
      "a-0": "248",
      "b-0": "250",
      "b-1": "249",
      "master-0": "1",
      "node-0": "2",
    });
    await patch({ pools: [a] });
    await staying(["lab-a-0", "lab-master-0", "lab-node-0"]);
    await eventually("the pool is gone from the status, and its Secrets with it", async () => {
      const { status } = await client.get(clusters, namespace, "lab");
      const left = await client.find(secrets, namespace, "lab-b-0-ignition");
      return status?.pools?.map(({ name }) => name).join() === "a" && left === undefined ? true : undefined;
    });
  });
});
