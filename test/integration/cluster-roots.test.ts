import assert from "node:assert/strict";
import { coreOSClusters as clusters, virtualMachines as machines } from "../../src/api/resources.ts";
import type { Client } from "../../src/kube/client.ts";
import { persistentVolumeClaims as claims, type PersistentVolumeClaim } from "../../src/kube/object.ts";
import { controllerOf } from "../../src/kube/ownership.ts";
import { eventually } from "./harness/cluster.ts";
import { clusterTools } from "./harness/clusters.ts";
import { Kubelet } from "./harness/kubelet.ts";
import { Watcher } from "./harness/objects.ts";
import { withController } from "./harness/stage.ts";

const persistent = { machine: { disk: { persistent: {} } } };

describe("a cluster whose members keep their roots", () => {
  let client: Client;
  let namespace: string;

  withController((stage) => ({ client, namespace } = stage));

  const { create, become, names, says } = clusterTools(
    () => client,
    () => namespace,
  );

  const claim = async (name: string): Promise<PersistentVolumeClaim> => client.get(claims, namespace, name);

  /** As the controllers would that are not here: the garbage collector's, and the one that lets a claim go. */
  const removeClaim = async (name: string): Promise<void> => {
    await client.delete(claims, { namespace, name });
    await client.mergePatch(claims, { namespace, name }, { metadata: { finalizers: null } });
  };

  /** As after its control plane has answered. */
  const initialize = async (): Promise<void> => {
    await client.mergePatch(
      clusters,
      { namespace, name: "lab" },
      { status: { initialized: true } },
      "status",
    );
  };

  const anotherMachine = async (name: string, than: string): Promise<void> => {
    await eventually(`another ${name}`, async () => {
      const found = await client.find(machines, namespace, name);
      return found !== undefined && found.metadata.uid !== than ? true : undefined;
    });
  };

  it("gets a claim for each, the master's for as long as the cluster lives", async () => {
    const disk = { capacity: "4Gi", persistent: { storageClassName: "fast", size: "6Gi" } };
    const owner = await create({
      controlPlane: { machine: { disk } },
      workers: { replicas: 1, ...persistent },
      pools: [{ name: "cattle" }],
    });
    await become(claims, ["lab-master-0-root", "lab-node-0-root"]);
    const [master, worker] = await Promise.all([claim("lab-master-0-root"), claim("lab-node-0-root")]);
    assert.equal(controllerOf(master)?.uid, owner.metadata.uid);
    assert.equal(master.spec.storageClassName, "fast");
    assert.deepEqual(master.spec.resources?.requests, { storage: "6Gi" });
    const machine = await client.get(machines, namespace, "lab-node-0");
    assert.equal(controllerOf(worker)?.uid, machine.metadata.uid);
    assert.deepEqual(worker.spec.accessModes, ["ReadWriteOnce"]);
    assert.equal(machine.spec.runStrategy, "Always");
    const cattle = await client.get(machines, namespace, "lab-cattle-0");
    assert.equal(cattle.spec.runStrategy, "Once");
    const pod = await new Watcher(client, namespace).podOf("lab-master-0");
    const mounted = (pod.spec.volumes ?? []).map((volume) => volume.persistentVolumeClaim?.claimName);
    assert.ok(mounted.includes("lab-master-0-root"), JSON.stringify(pod.spec.volumes));
  });

  it("says that the master restarts, and makes its machine anew on the same claim", async () => {
    await create({ controlPlane: persistent, workers: { replicas: 0 } });
    await become(machines, ["lab-master-0"]);
    await initialize();
    await says("Ready", /^False ControlPlaneRestarting: lab-master-0 starts again with the root disk/);
    const [machine, root] = await Promise.all([
      client.get(machines, namespace, "lab-master-0"),
      claim("lab-master-0-root"),
    ]);
    await client.delete(machines, machine.metadata);
    await anotherMachine("lab-master-0", machine.metadata.uid);
    assert.equal((await claim("lab-master-0-root")).metadata.uid, root.metadata.uid);
    assert.notEqual(await client.find(clusters, namespace, "lab"), undefined);
  });

  it("starts the master's next run after its pod has ended, with another address", async () => {
    await create({ controlPlane: persistent, workers: { replicas: 0 } });
    const watcher = new Watcher(client, namespace);
    const kubelet = new Kubelet(client);
    const first = await watcher.podOf("lab-master-0");
    await kubelet.bind(first);
    await kubelet.running(first, "127.0.0.2");
    await initialize();
    await kubelet.terminated(first, { exitCode: 137, reason: "Error" });
    const machine = await client.get(machines, namespace, "lab-master-0");
    const next = await eventually(
      "another pod",
      async () => {
        const found = (await watcher.pods()).find(({ metadata }) => metadata.uid !== first.metadata.uid);
        return found?.metadata.deletionTimestamp === undefined ? found : undefined;
      },
      60_000,
    );
    await kubelet.bind(next);
    await kubelet.running(next, "127.0.0.3");
    await says("Ready", /^False ControlPlaneRestarting: .* last answer: /);
    const same = await client.get(machines, namespace, "lab-master-0");
    assert.equal(same.metadata.uid, machine.metadata.uid, "it was not replaced");
  }).timeout(90_000);

  it("says that somebody has stopped the master", async () => {
    await create({ controlPlane: persistent, workers: { replicas: 0 } });
    await become(machines, ["lab-master-0"]);
    await initialize();
    await client.mergePatch(
      machines,
      { namespace, name: "lab-master-0" },
      { spec: { runStrategy: "Halted" } },
    );
    await says(
      "Ready",
      /^False ControlPlaneStopped: VirtualMachine lab-master-0 is stopped; .* runStrategy to Always/,
    );
  });

  it("is lost with the master's claim, and back with a copy of it", async () => {
    await create({ controlPlane: persistent, workers: { replicas: 0 } });
    await become(claims, ["lab-master-0-root"]);
    await initialize();
    const { spec } = await claim("lab-master-0-root");
    await removeClaim("lab-master-0-root");
    await says(
      "Ready",
      /^False MasterLost: .*PersistentVolumeClaim lab-master-0-root does not exist any more; restore/,
    );
    assert.deepEqual(await names(claims), [], "an empty disk would hide it");
    await client.create(claims, { metadata: { namespace, name: "lab-master-0-root" }, spec });
    await says("Ready", /^False ControlPlaneRestarting/);
  }).timeout(60_000);

  it("gives the successor of a worker a root of its own", async () => {
    await create({ workers: { replicas: 1, ...persistent } });
    await become(claims, ["lab-node-0-root"]);
    const machine = await client.get(machines, namespace, "lab-node-0");
    await client.delete(machines, machine.metadata);
    await eventually("it is gone", async () =>
      (await client.find(machines, namespace, "lab-node-0")) === undefined ? true : undefined,
    );
    assert.equal(controllerOf(await claim("lab-node-0-root"))?.uid, machine.metadata.uid);
    await removeClaim("lab-node-0-root");
    await anotherMachine("lab-node-0", machine.metadata.uid);
    const next = await client.get(machines, namespace, "lab-node-0");
    const root = await eventually("a claim of its own", async () =>
      client.find(claims, namespace, "lab-node-0-root"),
    );
    assert.equal(controllerOf(root)?.uid, next.metadata.uid);
  }).timeout(60_000);

  it("makes a claim that a controller killed in between has not made", async () => {
    await create({ workers: { replicas: 1, ...persistent } });
    await become(claims, ["lab-node-0-root"]);
    const first = await claim("lab-node-0-root");
    await removeClaim("lab-node-0-root");
    await eventually("another claim", async () => {
      const next = await client.find(claims, namespace, "lab-node-0-root");
      return next !== undefined && next.metadata.uid !== first.metadata.uid ? true : undefined;
    });
  }).timeout(60_000);

  for (const [member, role] of [
    ["lab-master-0", { controlPlane: persistent, workers: { replicas: 0 } }],
    ["lab-node-0", { workers: { replicas: 1, ...persistent } }],
  ] as const) {
    it(`lets ${member} write to no disk of somebody else's`, async () => {
      const name = `${member}-root`;
      const spec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
      await client.create(claims, { metadata: { namespace, name }, spec });
      await create(role);
      await says(
        "Ready",
        new RegExp(`^False NameTaken: PersistentVolumeClaim ${name} exists and does not belong`),
      );
      assert.equal((await names(machines)).includes(member), false);
      await removeClaim(name);
      await eventually(
        `${member} is made`,
        async () => ((await names(machines)).includes(member) ? true : undefined),
        40_000,
      );
    }).timeout(60_000);
  }
});
