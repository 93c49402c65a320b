import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import {
  virtualMachineInstances as instances,
  virtualMachines as machines,
} from "../../src/api/resources.ts";
import type { Client } from "../../src/kube/client.ts";
import { eventually, sharedCluster } from "./harness/cluster.ts";
import { startNodeLoss, type Controllers } from "./harness/controllers.ts";
import { MachineLife } from "./harness/machine-life.ts";
import { machine } from "./harness/objects.ts";
import { withController } from "./harness/stage.ts";

/** The ways out of it that docs/virtual-machines.md tells, with Kubernetes' own controllers. */
describe("a node that is lost with a machine on it", function () {
  this.timeout(180_000);
  let client: Client;
  let life: MachineLife;
  let losses: Controllers;
  let namespace: string;

  withController((stage) => {
    ({ client, namespace } = stage);
    life = new MachineLife(client, namespace);
  });

  before(async () => {
    losses = await startNodeLoss((await sharedCluster()).server.kubeconfig);
  });

  after(async () => {
    await losses.stop();
  });

  it("is given up for all its pods by the taint out-of-service, and not before", async () => {
    const node = `${namespace}-node`;
    const path = `/api/v1/nodes/${node}`;
    const ready = async (status: "True" | "Unknown"): Promise<unknown> =>
      client.call("PATCH", `${path}/status`, { status: { conditions: [{ type: "Ready", status }] } });
    await client.call("POST", "/api/v1/nodes", { apiVersion: "v1", kind: "Node", metadata: { name: node } });
    try {
      await ready("True");
      await client.create(machines, machine(namespace, "a", "Always"));
      const pod = await life.watcher.podOf("a");
      await life.kubelet.bind(pod, node);
      await life.kubelet.running(pod);
      await life.shows("Running");
      const { metadata } = await client.get(instances, namespace, "a");
      // As the node controller does when the kubelet is silent.
      await ready("Unknown");
      await life.kubelet.nodeLost(pod);
      const lost = await life.shows("Unknown");
      assert.equal(lost.status?.ready, false);
      await sleep(1_000);
      assert.equal((await client.get(instances, namespace, "a")).metadata.uid, metadata.uid);
      const taint = { key: "node.kubernetes.io/out-of-service", value: "nodeshutdown", effect: "NoExecute" };
      await client.call("PATCH", path, { spec: { taints: [taint] } });
      // Kubernetes looks for such pods every 20 s.
      const nextRun = async (): Promise<true | undefined> => {
        const found = await client.find(instances, namespace, "a");
        return found !== undefined && found.metadata.uid !== metadata.uid ? true : undefined;
      };
      await eventually("the next run", nextRun, 90_000);
      await life.watcher.podOf("a");
      const [only, ...others] = await life.watcher.pods();
      assert.deepEqual(others, []);
      assert.notEqual(only?.metadata.uid, pod.metadata.uid);
    } finally {
      await client.call("DELETE", path);
    }
  });
});
