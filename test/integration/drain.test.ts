import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { binary } from "../../hack/lab/binaries.ts";
import {
  virtualMachineInstances as instances,
  virtualMachines as machines,
} from "../../src/api/resources.ts";
import type { Client } from "../../src/kube/client.ts";
import { pods, type Pod } from "../../src/kube/object.ts";
import { eventually, renderChart, startCluster, stopCluster, type Cluster } from "./harness/cluster.ts";
import { startController, type RunningController } from "./harness/controller.ts";
import { startDeployments, type Controllers } from "./harness/controllers.ts";
import { startKwokNodes, type KwokNodes } from "./harness/kwok.ts";
import { MachineLife } from "./harness/machine-life.ts";
import { guest, machine } from "./harness/objects.ts";

/** Of the Deployment's pods, by the chart's labels. */
const replicas = { namespace: "nestlet-system", labelSelector: "app.kubernetes.io/component=controller" };

/** Real evictions: kubectl, the API server, the disruption controller and the scheduler; kwok plays the nodes. */
describe("a node that is drained", function () {
  this.timeout(180_000);
  let cluster: Cluster;
  let client: Client;
  let nodes: KwokNodes;
  let deployments: Controllers;
  let controller: RunningController;

  before(async () => {
    cluster = await startCluster();
    ({ client } = cluster);
    nodes = await startKwokNodes(cluster, 3, "1GiB");
    deployments = await startDeployments(cluster.server.kubeconfig);
    controller = await startController(cluster.server.kubeconfig);
  });

  after(async () => {
    await controller.kill();
    await deployments.stop();
    await nodes.stop();
    await stopCluster(cluster);
  });

  const kubectl = async (...args: readonly string[]): Promise<{ exitCode: number; output: string }> => {
    const flags = ["--kubeconfig", cluster.server.kubeconfig, ...args];
    const { exitCode, all } = await execa(await binary("kubectl"), flags, { reject: false, all: true });
    return { exitCode: exitCode ?? 1, output: all };
  };

  const drain = async (node: string, timeout: string): ReturnType<typeof kubectl> =>
    kubectl("drain", node, "--ignore-daemonsets", "--delete-emptydir-data", `--timeout=${timeout}`);

  const uncordon = async (): Promise<void> => {
    const { exitCode, output } = await kubectl("uncordon", "kwok-0", "kwok-1", "kwok-2");
    assert.equal(exitCode, 0, output);
  };

  const nodeOf = (pod: Pod): string => pod.spec.nodeName ?? assert.fail("it has no node");

  const readyReplicas = async (): Promise<Pod[]> => {
    const { items } = await client.listPage(pods, replicas, 100);
    return items.filter(
      ({ metadata, status }) =>
        metadata.deletionTimestamp === undefined &&
        status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True"),
    );
  };

  const bothReady = async (): Promise<Pod[]> =>
    eventually("two replicas are Ready", async () => {
      const found = await readyReplicas();
      return found.length === 2 ? found : undefined;
    });

  it("never takes both replicas of the controller at once, though both their nodes are drained", async () => {
    for (const [template, path] of [
      ["poddisruptionbudget.yaml", "/apis/policy/v1/namespaces/nestlet-system/poddisruptionbudgets"],
      ["deployment.yaml", "/apis/apps/v1/namespaces/nestlet-system/deployments"],
    ] as const) {
      for (const object of await renderChart(template)) await client.call("POST", path, object);
    }
    const before = await bothReady();
    const [first = "", second = ""] = before.map(nodeOf);
    assert.notEqual(first, second, "they are spread over nodes");
    await eventually("the budget is counted", async () => {
      const path = "/apis/policy/v1/namespaces/nestlet-system/poddisruptionbudgets/nestlet-controller";
      const { status } = await client.call<{ status?: { currentHealthy?: number } }>("GET", path);
      return status?.currentHealthy === 2 ? true : undefined;
    });
    const over = new AbortController();
    const drains = Promise.all([drain(first, "90s"), drain(second, "90s")]);
    void drains.finally(() => {
      over.abort();
    });
    let fewest = 2;
    while (!over.signal.aborted) {
      fewest = Math.min(fewest, (await readyReplicas()).length);
      await sleep(20);
    }
    for (const { exitCode, output } of await drains) assert.equal(exitCode, 0, output);
    assert.equal(fewest, 1);
    const after = await bothReady();
    for (const pod of after) assert.ok(![first, second].includes(nodeOf(pod)));
    await uncordon();
  });

  it("has a machine's guest shut down, which is started again on another node", async () => {
    const namespace = await cluster.namespace();
    const life = new MachineLife(client, namespace);
    await client.create(machines, machine(namespace, "a", "Always"));
    await life.shows("Running");
    const pod = await life.watcher.podOf("a");
    const { metadata } = await client.get(instances, namespace, "a");
    const { exitCode, output } = await drain(nodeOf(pod), "60s");
    assert.equal(exitCode, 0, output);
    const next = await life.watcher.instance(
      "a",
      "the next run",
      (status, found) => found.metadata.uid !== metadata.uid && status.phase === "Running",
    );
    assert.notEqual(next.status?.nodeName, nodeOf(pod));
    assert.ok((await life.watcher.eventReasons("VirtualMachineInstance", "a")).includes("Stopped"));
    await uncordon();
  });

  it("waits for a machine that says so, until somebody stops that", async () => {
    const namespace = await cluster.namespace();
    const life = new MachineLife(client, namespace);
    const spec = { ...guest, evictionStrategy: "External" as const };
    await client.create(machines, machine(namespace, "a", "Manual", { spec }));
    await life.request("start");
    await life.shows("Running");
    const pod = await life.watcher.podOf("a");
    const refused = await drain(nodeOf(pod), "7s");
    assert.equal(refused.exitCode, 1, refused.output);
    assert.match(refused.output, /Cannot evict pod as it would violate the pod's disruption budget/);
    assert.equal(
      (await client.get(pods, namespace, pod.metadata.name)).metadata.deletionTimestamp,
      undefined,
    );
    await life.request("stop");
    const { exitCode, output } = await drain(nodeOf(pod), "60s");
    assert.equal(exitCode, 0, output);
    await life.shows("Stopped");
    await uncordon();
  });
});
