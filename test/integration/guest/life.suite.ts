import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { coreOSClusters as clusters, virtualMachines as machines } from "../../../src/api/resources.ts";
import { isNotFound } from "../../../src/kube/api-error.ts";
import type { Client } from "../../../src/kube/client.ts";
import { secrets } from "../../../src/kube/object.ts";
import { eventually } from "../harness/cluster.ts";
import { lifeTools } from "../harness/cluster-life.ts";
import { textOf } from "../harness/clusters.ts";
import { sharedGuest, type GuestControlPlane } from "../harness/guest.ts";
import { withController } from "../harness/stage.ts";

describe("a cluster whose control plane answers", () => {
  let client: Client;
  let guest: GuestControlPlane;
  let namespace: string;

  afterEach(async () => {
    await client.delete(clusters, { namespace, name: "lab" });
    await guest.clear();
  });

  withController((stage) => ({ client, namespace } = stage));

  before(async function () {
    this.timeout(120_000);
    guest = await sharedGuest();
  });

  const { create, become, names, says, staying, ready, scale, end, nodesAre, age } = lifeTools(
    () => client,
    () => namespace,
    () => guest,
  );

  /** A cluster that is not Ready is looked at every three seconds. */
  const longerThanALook = async (): Promise<void> => sleep(4000);

  it("gives a worker that is added later a token of its own, made for it in the guest", async () => {
    await ready(["lab-node-0"]);
    await become(secrets, [
      "lab-ca",
      "lab-etcd",
      "lab-kubeconfig",
      "lab-master-0-ignition",
      "lab-node-0-ignition",
      "lab-proxy",
      "lab-sa",
    ]);
    const tokenIn = async (member: string): Promise<string> => {
      const config = textOf(await client.get(secrets, namespace, `${member}-ignition`), "userdata");
      const [token] = /[a-z0-9]{6}\.[a-z0-9]{16}/.exec(contentsOf(config)) ?? [];
      return token ?? "";
    };
    await assert.rejects(
      guest.userOf(await tokenIn("lab-node-0")),
      "nobody made the first one in this guest",
    );
    await scale(2);
    await become(machines, ["lab-master-0", "lab-node-0", "lab-node-1"]);
    const token = await tokenIn("lab-node-1");
    const { username, groups } = await guest.userOf(token);
    assert.equal(username, `system:bootstrap:${token.slice(0, 6)}`);
    assert.ok(groups.includes("system:bootstrappers:kubeadm:default-node-token"), groups.join());
  });

  it("drains a worker that is one too many before it goes, and brings another if it is wanted again meanwhile", async function () {
    this.timeout(120_000);
    await ready(["lab-node-0", "lab-node-1"]);
    const first = await client.get(machines, namespace, "lab-node-1");
    await guest.pod("slow", "lab-node-1");
    await scale(1);
    await guest.evicted("slow");
    assert.equal(await guest.cordoned("lab-node-1"), true);
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
    // Evicting it is refused with 429 and ten seconds to wait.
    await guest.pod("dear", "lab-node-0");
    await guest.protect("dear");
    await scale(0);
    await guest.evicted("slow");
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
    const workers = ["lab-node-0", "lab-node-1"];
    await ready(workers, { health: { maxReplacements: 0 } });
    for (const worker of workers) await guest.ready(worker, false, 600);
    // They are looked at again after fifteen seconds; a change of the spec is seen at once.
    const replaceAtMost = async (maxReplacements: number): Promise<void> => {
      const health = { maxReplacements };
      await client.mergePatch(clusters, { namespace, name: "lab" }, { spec: { health } });
    };
    await replaceAtMost(1);
    await says("WorkersReady", /^False WorkersNotReady: lab-node-0: it is sick; lab-node-1: it is sick/);
    await sleep(500);
    assert.deepEqual(await guest.nodes(), ["lab-master-0", ...workers], "they started a moment ago");
    await replaceAtMost(0);
    await age();
    await sleep(1000);
    await staying(["lab-master-0", ...workers]);
    assert.deepEqual(await guest.nodes(), ["lab-master-0", ...workers]);
    await replaceAtMost(1);
    await staying(["lab-master-0", "lab-node-1"]);
    await nodesAre(["lab-master-0", "lab-node-1"]);
    await sleep(500);
    await staying(["lab-master-0", "lab-node-1"]);
    await end("lab-node-0");
    await become(machines, ["lab-master-0", ...workers]);
    await longerThanALook();
    await nodesAre(["lab-master-0", "lab-node-1"]);
    await staying(["lab-master-0", ...workers]);
  });

  it("is left alone while paused, whatever happens to it, and can be deleted", async function () {
    this.timeout(90_000);
    await ready(["lab-node-0"]);
    await guest.ready("lab-node-0", false, 600);
    await scale(1);
    await client.mergePatch(
      clusters,
      { namespace, name: "lab" },
      { spec: { timeouts: { drainSeconds: 1 } } },
    );
    await says("WorkersReady", /^False WorkersNotReady/);
    const spec = { paused: true, workers: { replicas: 3 } };
    await client.mergePatch(clusters, { namespace, name: "lab" }, { spec });
    await eventually("it says so", async () => {
      const { status } = await client.get(clusters, namespace, "lab");
      return status?.nextStep === "none: spec.paused is true" ? true : undefined;
    });
    await client.delete(secrets, { namespace, name: "lab-kubeconfig" });
    await guest.ready("lab-node-0", true);
    await age();
    await longerThanALook();
    assert.deepEqual(await names(machines), ["lab-master-0", "lab-node-0"]);
    assert.equal(await client.find(secrets, namespace, "lab-kubeconfig"), undefined);
    await says("WorkersReady", /^False WorkersNotReady/);
    await client.delete(clusters, { namespace, name: "lab" });
    await assert.rejects(client.get(clusters, namespace, "lab"), isNotFound);
    await create({ paused: true });
  });
});

/** The contents of all files in an Ignition config, one after the other. */
function contentsOf(config: string): string {
  const { storage } = JSON.parse(config) as {
    storage: { files: { contents?: { source?: string } }[] };
  };
  const sources = storage.files.map(({ contents }) => contents?.source ?? "");
  return sources.map((source) => Buffer.from(source.split(",")[1] ?? "", "base64").toString()).join("\n");
}
