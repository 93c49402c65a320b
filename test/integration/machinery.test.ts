import assert from "node:assert/strict";
import { isConflict } from "../../src/kube/api-error.ts";
import type { Client } from "../../src/kube/client.ts";
import { EventRecorder } from "../../src/kube/events.ts";
import { createLogger } from "../../src/kube/log.ts";
import { secrets, type KubeObject, type Resource, type Secret } from "../../src/kube/object.ts";
import { Reflector } from "../../src/kube/reflector.ts";
import { Store } from "../../src/kube/store.ts";
import {
  virtualMachineInstances as instances,
  virtualMachines as machines,
} from "../../src/api/resources.ts";
import { eventually as untilHolds } from "../support/eventually.ts";
import { eventually, sharedCluster, type Cluster } from "./harness/cluster.ts";
import { connectionsTo, portsOf } from "./harness/connections.ts";
import { startController } from "./harness/controller.ts";
import { instance, machine, Watcher } from "./harness/objects.ts";

const log = createLogger("error");

const encoded = (text: string): string => Buffer.from(text).toString("base64");

describe("the Kubernetes machinery", () => {
  let cluster: Cluster;
  let client: Client;
  let namespace: string;

  before(async function () {
    this.timeout(120_000);
    cluster = await sharedCluster();
    client = cluster.client;
  });

  beforeEach(async () => {
    namespace = await cluster.namespace();
  });

  const secret = async (name: string, data: Record<string, string> = {}): Promise<Secret> =>
    client.create(secrets, { metadata: { namespace, name }, data });

  it("mirrors what exists in pages, then each change, as plain JSON", async () => {
    const names = Array.from({ length: 520 }, (_, index) => `s-${String(index)}`);
    for (let from = 0; from < names.length; from += 40) {
      await Promise.all(names.slice(from, from + 40).map(async (name) => secret(name)));
    }
    const store = new Store<Secret>();
    const reflector = new Reflector({ client, resource: secrets, selection: { namespace }, store, log });
    const abort = new AbortController();
    const running = reflector.run(abort.signal);
    await reflector.sync();
    assert.equal(store.size, 520);
    const listed = store.get(`${namespace}/s-0`);
    assert.equal(listed?.kind, "Secret");
    assert.equal(typeof listed.metadata.creationTimestamp, "string");
    assert.equal("managedFields" in listed.metadata, false);

    await client.mergePatch(secrets, { namespace, name: "s-0" }, { data: { a: encoded("1") } });
    await secret("new");
    await client.delete(secrets, { namespace, name: "s-1" });
    await eventually("the store is in step", () =>
      store.get(`${namespace}/s-0`)?.data?.["a"] === encoded("1") &&
      store.get(`${namespace}/new`) !== undefined &&
      store.get(`${namespace}/s-1`) === undefined
        ? true
        : undefined,
    );
    abort.abort();
    await running;
  });

  it("refuses a write on what has changed meanwhile", async () => {
    const { metadata } = await secret("a");
    const patch = { metadata: { resourceVersion: metadata.resourceVersion }, data: { a: encoded("1") } };
    await client.mergePatch(secrets, metadata, patch);
    await assert.rejects(
      client.mergePatch(secrets, metadata, { ...patch, data: { a: encoded("2") } }),
      isConflict,
    );
  });

  it("deletes an object only while it is the one that was meant", async () => {
    const { metadata } = await secret("a");
    await assert.rejects(client.delete(secrets, metadata, { uid: "another" }), isConflict);
    await client.delete(secrets, metadata, { uid: metadata.uid });
    assert.equal(await client.find(secrets, namespace, "a"), undefined);
  });

  it("owns by apply the fields that it gives, and takes back those that it no longer gives", async () => {
    await client.apply(secrets, {
      metadata: { namespace, name: "a" },
      data: { mine: encoded("1"), gone: "" },
    });
    await client.mergePatch(secrets, { namespace, name: "a" }, { stringData: { theirs: "2" } });
    const applied = await client.apply(secrets, {
      metadata: { namespace, name: "a" },
      data: { mine: encoded("3") },
    });
    assert.deepEqual(applied.data?.["mine"], encoded("3"));
    assert.equal(applied.data["gone"], undefined);
    assert.equal(applied.data["theirs"], encoded("2"));
  });

  it("makes a series of an Event that repeats", async () => {
    const about = await secret("a");
    const recorder = new EventRecorder(client, "test", log);
    const text = { type: "Normal", reason: "Again", action: "Try", note: "once more" } as const;
    for (let time = 0; time < 3; time++)
      recorder.record({ ...about, apiVersion: "v1", kind: "Secret" }, text);
    recorder.record({ ...about, apiVersion: "v1", kind: "Secret" }, { ...text, reason: "Other" });
    await recorder.flush();
    const events: Resource<KubeObject & { reason: string; series?: { count: number } }> = {
      group: "events.k8s.io",
      version: "v1",
      plural: "events",
      kind: "Event",
    };
    const { items } = await client.listPage(events, { namespace }, 500);
    const counts = items.map(({ reason, series }) => [reason, series?.count]);
    assert.deepEqual(counts.sort(), [
      ["Again", 3],
      ["Other", undefined],
    ]);
  });

  it("looks after the namespaces that it is told to, and no others", async () => {
    const [second, other] = await Promise.all([cluster.namespace(), cluster.namespace()]);
    const controller = await startController(
      cluster.server.kubeconfig,
      "--namespaces",
      `${namespace},${second}`,
    );
    for (const place of [other, namespace, second]) {
      await client.create(instances, instance(place, "a"));
      await client.create(machines, machine(place, "b", "Always"));
    }
    for (const place of [namespace, second]) {
      const watcher = new Watcher(client, place);
      await watcher.instance("a", "Scheduling", ({ phase }) => phase === "Scheduling");
      await watcher.instance("b", "Scheduling", ({ phase }) => phase === "Scheduling");
    }
    assert.deepEqual(await new Watcher(client, other).pods(), []);
    assert.equal(await controller.terminate(), 0);
  });

  it("reaches the API server by a few connections, however much there is to do at the same time", async () => {
    const controller = await startController(cluster.server.kubeconfig);
    const port = Number(new URL(cluster.server.url).port);
    const names = Array.from({ length: 60 }, (_, index) => `a-${String(index)}`);
    let most = 0;
    const done = new AbortController();
    const look = (async () => {
      while (!done.signal.aborted) most = Math.max(most, await connectionsTo(port, controller.pid));
    })();
    const watcher = new Watcher(client, namespace);
    try {
      await Promise.all(names.map(async (name) => client.create(instances, instance(namespace, name))));
      for (const name of names)
        await watcher.instance(name, "Scheduling", ({ phase }) => phase === "Scheduling");
    } finally {
      done.abort();
      await look;
    }
    // Four watches, and the pool for all else.
    assert.ok(most > 4 && most <= 4 + 10, `${String(most)} connections`);
    assert.equal(await controller.terminate(), 0);
  });

  it("listens on its port of metrics and health, and on no other", async () => {
    const controller = await startController(cluster.server.kubeconfig, "--leader-elect");
    const port = /"port":(\d+)/.exec(controller.output())?.[1];
    assert.deepEqual(await portsOf(controller.pid), [Number(port)]);
    assert.equal(await controller.terminate(), 0);
  });

  it("tells metrics under the names of controller-runtime and client-go", async () => {
    const controller = await startController(cluster.server.kubeconfig);
    await client.create(instances, instance(namespace, "a"));
    await new Watcher(client, namespace).instance("a", "Scheduling", ({ phase }) => phase === "Scheduling");
    await untilHolds(async () => {
      const metrics = await controller.get("/metrics");
      for (const line of [
        /^controller_runtime_reconcile_total\{controller="virtualmachineinstance",result="success"\} [1-9]/m,
        /^controller_runtime_reconcile_time_seconds_count\{controller="virtualmachineinstance"\} [1-9]/m,
        /^workqueue_adds_total\{name="virtualmachineinstance"\} [1-9]/m,
        /^workqueue_depth\{name="virtualmachineinstance"\} 0/m,
        /^workqueue_unfinished_work_seconds\{name="virtualmachineinstance"\} 0/m,
        /^workqueue_longest_running_processor_seconds\{name="virtualmachineinstance"\} 0/m,
        /^controller_runtime_active_workers\{controller="virtualmachineinstance"\} 0/m,
        /^controller_runtime_max_concurrent_reconciles\{controller="virtualmachineinstance"\} 16/m,
        /^nestlet_launcher_count\{state="Scheduling"\} [1-9]/m,
        /^workqueue_queue_duration_seconds_count\{name="virtualmachineinstance"\} [1-9]/m,
        /^rest_client_requests_total\{method="POST",code="201",host="127\.0\.0\.1:\d+"\} [1-9]/m,
        /^process_resident_memory_bytes [1-9]/m,
      ]) {
        assert.match(metrics, line);
      }
    }, 10_000);
    assert.equal(await controller.get("/healthz"), "ok\n");
    assert.equal(await controller.terminate(), 0);
  });
});
