import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import {
  virtualMachineInstances as instances,
  virtualMachines as machines,
} from "../../src/api/resources.ts";
import { ApiError, apiErrorOf, isExpired } from "../../src/kube/api-error.ts";
import type { Client } from "../../src/kube/client.ts";
import { leases, pods, type Pod } from "../../src/kube/object.ts";
import { controllerOf } from "../../src/kube/ownership.ts";
import { eventually, startCluster, stopCluster, type Cluster } from "./harness/cluster.ts";
import { startController } from "./harness/controller.ts";
import { Kubelet } from "./harness/kubelet.ts";
import { instance, machine, Watcher } from "./harness/objects.ts";

const many = 20;
const names = Array.from({ length: many }, (_, index) => `vm-${String(index)}`);

describe("the controller among failures", () => {
  let cluster: Cluster;
  let client: Client;
  let kubelet: Kubelet;
  let namespace: string;
  let watcher: Watcher;

  before(async function () {
    this.timeout(120_000);
    cluster = await startCluster();
    client = cluster.client;
    kubelet = new Kubelet(client);
  });

  beforeEach(async () => {
    namespace = await cluster.namespace();
    watcher = new Watcher(client, namespace);
  });

  after(async () => {
    await stopCluster(cluster);
  });

  const elect = async (): ReturnType<typeof startController> =>
    startController(cluster.server.kubeconfig, "--leader-elect");

  it("makes one pod an instance though two replicas race without election", async () => {
    const made = await recordPods(client, namespace);
    const replicas = await Promise.all([1, 2].map(async () => startController(cluster.server.kubeconfig)));
    await Promise.all(names.map(async (name) => client.create(instances, instance(namespace, name))));
    await Promise.all(
      names.map(async (name) => watcher.instance(name, "Scheduling", ({ phase }) => phase === "Scheduling")),
    );
    // Deleted pods end their instances: no replica may answer with another pod.
    for (const pod of await watcher.pods()) await kubelet.remove(pod);
    await Promise.all(
      names.map(async (name) => watcher.instance(name, "Failed", ({ phase }) => phase === "Failed")),
    );
    await sleep(500);
    assert.deepEqual(
      podsPerOwner(await made.stop()),
      names.map(() => 1),
    );
    await Promise.all(replicas.map(async (replica) => replica.terminate()));
  });

  it("goes on where it was killed", async function () {
    this.timeout(90_000);
    const made = await recordPods(client, namespace);
    const creating = Promise.all(
      names.map(async (name, index) => {
        await sleep(index * 100);
        await client.create(machines, machine(namespace, name, "Always"));
      }),
    );
    for (let life = 0; life < 3; life++) {
      const controller = await startController(cluster.server.kubeconfig);
      await sleep(150 + 100 * life);
      await controller.kill();
    }
    await creating;
    const last = await startController(cluster.server.kubeconfig);
    await Promise.all(
      names.map(async (name) => watcher.instance(name, "Scheduling", ({ phase }) => phase === "Scheduling")),
    );
    for (const pod of await watcher.pods()) {
      await kubelet.bind(pod);
      await kubelet.running(pod);
    }
    await Promise.all(
      names.map(async (name) =>
        watcher.machine(name, "Running", ({ status }) => status?.printableStatus === "Running"),
      ),
    );
    assert.deepEqual(
      podsPerOwner(await made.stop()),
      names.map(() => 1),
    );
    assert.equal(await last.terminate(), 0);
  });

  it("is in step again after the API server was away and its history is gone", async function () {
    this.timeout(90_000);
    const controller = await startController(cluster.server.kubeconfig);
    await client.create(instances, instance(namespace, "before"));
    await client.create(instances, instance(namespace, "removed"));
    const pod = await watcher.podOf("before");
    await watcher.instance("removed", "Scheduling", ({ phase }) => phase === "Scheduling");
    await cluster.server.restart();
    await client.delete(instances, { namespace, name: "removed" });
    await client.create(instances, instance(namespace, "meanwhile"));
    await kubelet.bind(pod);
    await kubelet.running(pod);
    await cluster.server.compact();
    await watcher.instance("before", "Running", ({ phase }) => phase === "Running");
    await watcher.podOf("meanwhile");
    await watcher.gone(instances, "removed");
    assert.equal(await controller.get("/readyz"), "ok\n");
    assert.match(controller.output(), /"message":"watch failed"/);
    assert.equal(await controller.terminate(), 0);
  });

  it("knows a history that is gone from other errors", async function () {
    this.timeout(60_000);
    // Started anew, the API server knows nothing of what was before.
    await cluster.server.restart();
    const first = async (): Promise<unknown> => {
      const watch = client.watch(
        instances,
        { namespace },
        { resourceVersion: "1" },
        AbortSignal.timeout(10_000),
      );
      const { value } = await watch.next();
      const { type, object } = value as { type: string; object: { code: number } };
      assert.equal(type, "ERROR");
      return apiErrorOf(object.code, JSON.stringify(object));
    };
    // The API server says it in the answer's status or in the stream.
    const error = await eventually("the API server has made up its mind", async () => {
      const answer = await first().catch((refusal: unknown) => refusal);
      return answer instanceof ApiError && answer.code === 429 ? undefined : answer;
    });
    assert.ok(isExpired(error));
  });

  it("leaves the work to one of two replicas, and hands it over at once when that one ends", async function () {
    this.timeout(90_000);
    const first = await elect();
    const holder = await eventually("the first leads", async () => {
      const lease = await client.find(leases, "nestlet-system", "nestlet-controller");
      return lease?.spec?.holderIdentity;
    });
    const second = await elect();
    await client.create(instances, instance(namespace, "a"));
    await watcher.instance("a", "Scheduling", ({ phase }) => phase === "Scheduling");
    assert.match(first.output(), /launcher pod created/);
    assert.doesNotMatch(second.output(), /launcher pod created/);

    const ended = Date.now();
    assert.equal(await first.terminate(), 0);
    await client.create(instances, instance(namespace, "b"));
    await watcher.instance("b", "Scheduling", ({ phase }) => phase === "Scheduling");
    assert.ok(Date.now() - ended < 6_000, `handed over in ${String(Date.now() - ended)} ms`);
    assert.match(second.output(), /launcher pod created/);
    const lease = await client.get(leases, "nestlet-system", "nestlet-controller");
    assert.notEqual(lease.spec?.holderIdentity, holder);
    assert.match(String(lease.spec?.renewTime), /\.\d{6}Z$/);
    assert.equal(lease.spec?.leaseDurationSeconds, 15);

    // A leader that is killed cannot give the Lease up: it expires.
    const third = await elect();
    await second.kill();
    await client.create(instances, instance(namespace, "c"));
    await eventually(
      "the third takes over",
      async () => (await client.get(instances, namespace, "c")).status?.podName,
      30_000,
    );
    assert.match(third.output(), /launcher pod created/);
    assert.equal(await third.terminate(), 0);
    const given = await client.get(leases, "nestlet-system", "nestlet-controller");
    assert.equal(given.spec?.holderIdentity, "", "it is given up at SIGTERM");
  });

  it("ends a replica that was frozen for longer than its Lease lasts, before it acts again", async function () {
    this.timeout(120_000);
    const made = await recordPods(client, namespace);
    const first = await elect();
    await eventually("the first leads", () =>
      /"message":"leading"/.test(first.output()) ? true : undefined,
    );
    const second = await elect();
    await first.frozen(async () => {
      await client.create(instances, instance(namespace, "meanwhile"));
      await eventually(
        "the second has taken over",
        async () => (await client.get(instances, namespace, "meanwhile")).status?.podName,
        60_000,
      );
    });
    assert.equal(await first.ended(), 1);
    assert.match(first.output(), /^controller: leadership was lost; another replica acts now$/m);
    await client.create(instances, instance(namespace, "later"));
    await watcher.instance("later", "Scheduling", ({ phase }) => phase === "Scheduling");
    assert.doesNotMatch(first.output(), /launcher pod created/);
    assert.deepEqual(podsPerOwner(await made.stop()), [1, 1]);
    assert.equal(await second.terminate(), 0);
  });
});

/** Watches a namespace for each pod that is ever made in it. */
async function recordPods(client: Client, namespace: string): Promise<{ stop(): Promise<readonly Pod[]> }> {
  const { resourceVersion } = await client.listPage(pods, { namespace }, 1);
  const abort = new AbortController();
  const made: Pod[] = [];
  const watching = (async () => {
    const events = client.watch(pods, { namespace }, { resourceVersion }, abort.signal);
    for await (const event of events) {
      const { type, object } = event as { type: string; object: Pod };
      if (type === "ADDED") made.push(object);
    }
  })().catch(() => undefined);
  return {
    stop: async () => {
      abort.abort();
      await watching;
      return made;
    },
  };
}

function podsPerOwner(made: readonly Pod[]): number[] {
  const counts = new Map<string, number>();
  for (const pod of made) {
    const owner = controllerOf(pod)?.uid ?? "";
    counts.set(owner, (counts.get(owner) ?? 0) + 1);
  }
  return [...counts.values()];
}
