import assert from "node:assert/strict";
import {
  coreOSClusters as clusters,
  virtualMachines as machines,
  type ClusterSpec,
} from "../../src/api/resources.ts";
import { isNotFound } from "../../src/kube/api-error.ts";
import type { Client } from "../../src/kube/client.ts";
import { pods, secrets } from "../../src/kube/object.ts";
import { eventually, sharedCluster } from "./harness/cluster.ts";
import { clusterTools } from "./harness/clusters.ts";
import { startController, type RunningController } from "./harness/controller.ts";
import { GuestControlPlane } from "./harness/guest.ts";
import { Kubelet } from "./harness/kubelet.ts";
import { Watcher } from "./harness/objects.ts";

describe("a cluster whose control plane answers", () => {
  let client: Client;
  let controller: RunningController;
  let guest: GuestControlPlane;
  let namespace: string;
  let makeNamespace: () => Promise<string>;

  before(async function () {
    this.timeout(180_000);
    const cluster = await sharedCluster();
    client = cluster.client;
    makeNamespace = async () => cluster.namespace();
    controller = await startController(cluster.server.kubeconfig);
  });

  beforeEach(async function () {
    this.timeout(120_000);
    namespace = await makeNamespace();
    guest = await GuestControlPlane.start();
  });

  afterEach(async () => {
    await client.delete(clusters, { namespace, name: "lab" });
    await guest.stop();
  });

  after(async () => {
    await controller.terminate();
  });

  const { create, become, names, says, staying } = clusterTools(
    () => client,
    () => namespace,
  );

  const scale = async (replicas: number): Promise<void> => {
    await client.mergePatch(clusters, { namespace, name: "lab" }, { spec: { workers: { replicas } } });
  };

  /** A member's guest runs. */
  const boot = async (member: string, address: string): Promise<void> => {
    const pod = await new Watcher(client, namespace).podOf(member);
    await new Kubelet(client).bind(pod);
    await new Kubelet(client).running(pod, address);
  };

  /** A member's guest and launcher have ended, as its pod's deletion asks. */
  const end = async (member: string): Promise<void> => {
    const { items } = await client.listPage(pods, { namespace }, 100);
    const own = items.filter(({ metadata }) => metadata.labels?.["nestlet.dev/virtual-machine"] === member);
    for (const pod of own) await new Kubelet(client).remove(pod);
  };

  /** A cluster of these workers and what else the spec says, with all Nodes Ready. */
  const ready = async (workers: readonly string[], spec: ClusterSpec = {}): Promise<void> => {
    const data = guest.authority;
    await client.create(secrets, { metadata: { namespace, name: "lab-ca" }, data });
    await create({ workers: { replicas: workers.length }, ...spec });
    await become(machines, ["lab-master-0", ...workers].sort());
    for (const [index, worker] of workers.entries()) await boot(worker, `10.244.1.${String(index + 1)}`);
    for (const member of ["lab-master-0", ...workers]) await guest.node(member);
    await boot("lab-master-0", guest.address);
    await says("Ready", /^True ClusterReady/);
  };

  const nodesAre = async (wanted: readonly string[]): Promise<void> => {
    await eventually(`Nodes are ${wanted.join(", ")}`, async () =>
      (await guest.nodes()).join() === wanted.join() ? true : undefined,
    );
  };

  it("drains a worker that is one too many before it goes, and brings another if it is wanted again meanwhile", async function () {
    this.timeout(120_000);
    await ready(["lab-node-0", "lab-node-1"]);
    const first = await client.get(machines, namespace, "lab-node-1");
    await guest.pod("slow", "lab-node-1");
    await scale(1);
    await guest.evicted("slow");
    const { spec } = await guest.client.call<{ spec: { unschedulable?: boolean } }>(
      "GET",
      "/api/v1/nodes/lab-node-1",
    );
    assert.equal(spec.unschedulable, true);
    await scale(2);
    // A look later it is still being drained, and still there.
    await eventually("the change has been seen", async () => {
      const { status, metadata } = await client.get(clusters, namespace, "lab");
      return status?.observedGeneration === metadata.generation ? true : undefined;
    });
    assert.deepEqual(await guest.nodes(), ["lab-master-0", "lab-node-0", "lab-node-1"]);
    assert.equal((await client.get(machines, namespace, "lab-node-1")).metadata.deletionTimestamp, undefined);
    await guest.finish("slow");
    await nodesAre(["lab-master-0", "lab-node-0"]);
    await end("lab-node-1");
    const second = await eventually("its successor is there", async () => {
      const found = await client.find(machines, namespace, "lab-node-1");
      return found?.metadata.uid === first.metadata.uid ? undefined : found;
    });
    assert.equal(second.metadata.annotations?.["nestlet.dev/drain-started"], undefined);
  });

  it("removes a worker all the same when draining takes longer than it may", async function () {
    this.timeout(90_000);
    await ready(["lab-node-0"], { timeouts: { drainSeconds: 2 } });
    await guest.pod("slow", "lab-node-0");
    await scale(0);
    await nodesAre(["lab-master-0"]);
    await staying(["lab-master-0"]);
  });

  it("drains and removes a pool that is taken out", async function () {
    this.timeout(90_000);
    await ready(["lab-fast-0"], { workers: { replicas: 0 }, pools: [{ name: "fast" }] });
    const { status } = await client.get(clusters, namespace, "lab");
    assert.deepEqual(status?.pools, [{ name: "fast", replicas: 1, readyReplicas: 1, lanNumbers: [250] }]);
    await guest.pod("slow", "lab-fast-0");
    await client.mergePatch(clusters, { namespace, name: "lab" }, { spec: { pools: [] } });
    await guest.evicted("slow");
    await guest.finish("slow");
    await nodesAre(["lab-master-0"]);
    await end("lab-fast-0");
    await eventually("nothing tells of it", async () => {
      const found = await client.get(clusters, namespace, "lab");
      return found.status?.pools === undefined ? true : undefined;
    });
    await become(machines, ["lab-master-0"]);
  });

  it("replaces no worker with maxReplacements 0, and one at a time with 1", async function () {
    this.timeout(120_000);
    const timeouts = { nodeStartupSeconds: 30, nodeUnhealthySeconds: 30 };
    const workers = ["lab-node-0", "lab-node-1"];
    await ready(workers, { timeouts, health: { maxReplacements: 0 } });
    for (const worker of workers) await guest.ready(worker, false, 600);
    await says("WorkersReady", /^False WorkersNotReady: lab-node-0: it is sick; lab-node-1: it is sick/);
    // Members that started a moment ago are given time.
    await new Promise((resolve) => setTimeout(resolve, 32_000));
    assert.deepEqual(await names(machines), ["lab-master-0", ...workers]);
    await staying(["lab-master-0", ...workers]);
    const health = { maxReplacements: 1 };
    await client.mergePatch(clusters, { namespace, name: "lab" }, { spec: { health } });
    await staying(["lab-master-0", "lab-node-1"]);
    await nodesAre(["lab-master-0", "lab-node-1"]);
  });

  it("is left alone while paused, whatever happens to it, and can be deleted", async function () {
    this.timeout(90_000);
    await ready(["lab-node-0"]);
    const spec = { paused: true, workers: { replicas: 3 } };
    await client.mergePatch(clusters, { namespace, name: "lab" }, { spec });
    await eventually("it says so", async () => {
      const { status } = await client.get(clusters, namespace, "lab");
      return status?.nextStep === "none: spec.paused is true" ? true : undefined;
    });
    await client.delete(secrets, { namespace, name: "lab-kubeconfig" });
    await guest.ready("lab-node-0", false, 600);
    // Longer than it takes to look again at a cluster that is not paused.
    await new Promise((resolve) => setTimeout(resolve, 17_000));
    assert.deepEqual(await names(machines), ["lab-master-0", "lab-node-0"]);
    assert.equal(await client.find(secrets, namespace, "lab-kubeconfig"), undefined);
    const { status } = await client.get(clusters, namespace, "lab");
    assert.equal(status?.conditions?.find(({ type }) => type === "Ready")?.status, "True");
    await client.delete(clusters, { namespace, name: "lab" });
    await assert.rejects(client.get(clusters, namespace, "lab"), isNotFound);
    await create({ paused: true });
  });
});
