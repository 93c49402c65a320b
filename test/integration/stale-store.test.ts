import assert from "node:assert/strict";
import {
  virtualMachineInstances as instances,
  virtualMachines as machines,
  type VirtualMachine,
  type VirtualMachineInstance,
} from "../../src/api/resources.ts";
import { launcherPodName } from "../../src/api/names.ts";
import { InstanceReconciler } from "../../src/controller/virtual-machine-instance/reconcile.ts";
import { MachineReconciler } from "../../src/controller/virtual-machine/reconcile.ts";
import { EventRecorder } from "../../src/kube/events.ts";
import { createLogger } from "../../src/kube/log.ts";
import { persistentVolumeClaims, pods, type Pod } from "../../src/kube/object.ts";
import { Store } from "../../src/kube/store.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { sharedCluster, type Cluster } from "./harness/cluster.ts";
import { guest, instance, machine, Watcher } from "./harness/objects.ts";

const log = createLogger("error");

/** The watch of pods is this test: the store knows of those that it is told of, and not before. */
describe("an instance whose pod the watch has not told of yet", () => {
  const volumes = [{ name: "root", persistentVolumeClaim: { claimName: "data" } }];
  let cluster: Cluster;
  let namespace: string;
  let clock: ManualClock;
  let instanceStore: Store<VirtualMachineInstance>;
  let podStore: Store<Pod>;
  let reconciler: InstanceReconciler;

  before(async () => {
    cluster = await sharedCluster();
  });

  beforeEach(async () => {
    const { client } = cluster;
    namespace = await cluster.namespace();
    clock = new ManualClock(Date.now());
    instanceStore = new Store<VirtualMachineInstance>();
    podStore = new Store<Pod>();
    const noLog = async (): Promise<string> => Promise.resolve("");
    reconciler = new InstanceReconciler({
      client,
      instances: instanceStore,
      pods: podStore,
      events: new EventRecorder(client, "test", log),
      clock,
      launcher: { image: "nestlet.dev/launcher:1" },
      observeStart: () => undefined,
      readLog: noLog,
      readLogStart: noLog,
    });
    await client.create(persistentVolumeClaims, {
      metadata: { namespace, name: "data" },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    });
    for (const name of ["a", "b"]) {
      instanceStore.upsert(await client.create(instances, instance(namespace, name, { ...guest, volumes })));
    }
  });

  const podOfA = async (): Promise<Pod> => {
    const a = instanceStore.get(`${namespace}/a`);
    assert.ok(a);
    return cluster.client.get(pods, namespace, launcherPodName(a.metadata));
  };

  it("waits for the watch and asks nobody, until that is overdue", async () => {
    const key = `${namespace}/a`;
    await reconciler.reconcile(key, log);
    const first = await podOfA();
    // Whoever looks at the API server now finds no pod; one who made a second would be seen.
    await cluster.client.delete(pods, first.metadata, { gracePeriodSeconds: 0 });
    assert.deepEqual(await reconciler.reconcile(key, log), { requeueAfterMs: 10_000 });
    assert.deepEqual(await new Watcher(cluster.client, namespace).pods(), []);
    assert.equal(instanceStore.get(key)?.status?.phase, "Scheduling");
    clock.advance(10_000);
    assert.equal(await reconciler.reconcile(key, log), undefined);
    assert.equal(instanceStore.get(key)?.status?.reason, "PodDeleted");
  });

  it("learns at once that the pod came and went", async () => {
    const key = `${namespace}/a`;
    await reconciler.reconcile(key, log);
    const pod = await podOfA();
    await cluster.client.delete(pods, pod.metadata, { gracePeriodSeconds: 0 });
    podStore.upsert(pod);
    podStore.remove(pod);
    assert.equal(await reconciler.reconcile(key, log), undefined);
    assert.equal(instanceStore.get(key)?.status?.reason, "PodDeleted");
  });

  it("uses its claim all the same", async () => {
    await reconciler.reconcile(`${namespace}/a`, log);
    // What follows on the write of its own status.
    await reconciler.reconcile(`${namespace}/a`, log);
    await reconciler.reconcile(`${namespace}/b`, log);
    assert.equal(instanceStore.get(`${namespace}/b`)?.status?.reason, "ClaimInUse");
    const pod = await podOfA();
    assert.deepEqual(
      (await new Watcher(cluster.client, namespace).pods()).map(({ metadata }) => metadata.name),
      [pod.metadata.name],
    );
    podStore.upsert(pod);
    await reconciler.reconcile(`${namespace}/a`, log);
    await reconciler.reconcile(`${namespace}/b`, log);
    assert.equal(instanceStore.get(`${namespace}/b`)?.status?.reason, "ClaimInUse");
    podStore.remove(pod);
    await reconciler.reconcile(`${namespace}/b`, log);
    assert.equal(instanceStore.get(`${namespace}/b`)?.status?.phase, "Scheduling");
  });
});

/** As after a creation whose answer was lost, or by a controller whose watch lags behind. */
describe("a machine whose instance the watch has not told of yet", () => {
  it("goes only after its instance", async () => {
    const { client } = await sharedCluster();
    const namespace = await (await sharedCluster()).namespace();
    const store = new Store<VirtualMachine>();
    const reconciler = new MachineReconciler({
      client,
      machines: store,
      instances: new Store<VirtualMachineInstance>(),
      events: new EventRecorder(client, "test", log),
      clock: new ManualClock(Date.now()),
      random: () => 0,
    });
    const key = `${namespace}/a`;
    store.upsert(await client.create(machines, machine(namespace, "a", "Always")));
    await reconciler.reconcile(key, log);
    await client.delete(machines, { namespace, name: "a" });
    store.upsert(await client.get(machines, namespace, "a"));
    await reconciler.reconcile(key, log);
    const { metadata } = await client.get(instances, namespace, "a");
    assert.notEqual(metadata.deletionTimestamp, undefined, "the instance is deleted");
    store.upsert(await client.get(machines, namespace, "a"));
    assert.equal(store.get(key)?.status?.printableStatus, "Terminating");
    const free = { metadata: { resourceVersion: metadata.resourceVersion, finalizers: [] } };
    await client.mergePatch(instances, metadata, free);
    await reconciler.reconcile(key, log);
    assert.equal(await client.find(machines, namespace, "a"), undefined);
  });
});
