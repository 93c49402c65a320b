import assert from "node:assert/strict";
import {
  virtualMachineInstances as instances,
  virtualMachines as machines,
} from "../../src/api/resources.ts";
import type { Client } from "../../src/kube/client.ts";
import { podDisruptionBudgets, pods } from "../../src/kube/object.ts";
import { controllerOf } from "../../src/kube/ownership.ts";
import { sharedCluster } from "./harness/cluster.ts";
import { startGarbageCollector, type Controllers } from "./harness/controllers.ts";
import { MachineLife } from "./harness/machine-life.ts";
import { guest, instance, machine, type Watcher } from "./harness/objects.ts";
import { withController } from "./harness/stage.ts";

describe("a machine beside Kubernetes' own garbage collector", function () {
  this.timeout(90_000);
  let client: Client;
  let collector: Controllers;
  let life: MachineLife;
  let namespace: string;
  let watcher: Watcher;

  withController((stage) => {
    ({ client, namespace, watcher } = stage);
    life = new MachineLife(client, namespace);
  });

  before(async () => {
    collector = await startGarbageCollector((await sharedCluster()).server.kubeconfig);
  });

  after(async () => {
    await collector.stop();
  });

  const target = (): { namespace: string; name: string } => ({ namespace, name: "a" });

  it("leaves its instance running when it is orphaned, and a new machine of its name adopts it", async () => {
    await client.create(machines, machine(namespace, "a", "Always"));
    const uid = await life.runs();
    await client.delete(machines, target(), { propagationPolicy: "Orphan" });
    await watcher.gone(machines, "a");
    const left = await client.get(instances, namespace, "a");
    assert.equal(left.metadata.deletionTimestamp, undefined);
    assert.equal(controllerOf(left), undefined);
    const again = await client.create(machines, machine(namespace, "a", "Always"));
    const adopted = await watcher.instance(
      "a",
      "adopted",
      (_, found) => controllerOf(found)?.uid === again.metadata.uid,
    );
    assert.equal(adopted.metadata.uid, uid);
    assert.equal((await life.shows("Running")).status?.lastRun?.uid, uid);
    assert.equal((await watcher.pods()).length, 1);
  });

  for (const propagationPolicy of ["Background", "Foreground"] as const) {
    it(`shuts its guest down before it goes when it is deleted in the ${propagationPolicy.toLowerCase()}`, async () => {
      await client.create(machines, machine(namespace, "a", "Always"));
      await life.runs();
      await client.delete(machines, target(), { propagationPolicy });
      await watcher.instance("a", "the guest is being shut down", ({ conditions = [] }) =>
        conditions.some(({ reason }) => reason === "PodTerminating"),
      );
      assert.ok((await client.get(machines, namespace, "a")).metadata.deletionTimestamp !== undefined);
      await life.ends({ reason: "Stopped", message: "the guest shut down" });
      await watcher.gone(instances, "a");
      await watcher.gone(machines, "a");
      assert.deepEqual(await watcher.pods(), []);
    });
  }

  it("leaves nothing of an instance on its own, its disruption budget included", async () => {
    await client.create(instances, instance(namespace, "a", { ...guest, evictionStrategy: "External" }));
    const { name } = (await watcher.podOf("a")).metadata;
    await client.get(podDisruptionBudgets, namespace, name);
    await client.delete(instances, target());
    await watcher.gone(instances, "a");
    await watcher.gone(podDisruptionBudgets, name);
    assert.equal(await client.find(pods, namespace, name), undefined);
  });
});
