import { hostname } from "node:os";
import { randomUUID } from "node:crypto";
import { CATALOG_CONFIG_MAP, CLUSTER_LABEL, INSTANCE_LABEL, CONTROLLER_NAME } from "../api/metadata.ts";
import {
  coreOSClusters,
  virtualMachineInstances,
  virtualMachines,
  type CoreOSCluster,
  type VirtualMachine,
  type VirtualMachineInstance,
} from "../api/resources.ts";
import { memberIgnition } from "../guest-config/member-ignition.ts";
import { Client } from "../kube/client.ts";
import type { Connection } from "../kube/connection.ts";
import { systemClock } from "../kube/clock.ts";
import { Controller, type Reconciler } from "../kube/controller.ts";
import { EventRecorder } from "../kube/events.ts";
import { LeaderElection } from "../kube/leader-election.ts";
import type { Logger } from "../kube/log.ts";
import type { KubeMetrics } from "../kube/metrics.ts";
import { configMaps, keyOf, pods, type KubeObject, type Pod, type Resource } from "../kube/object.ts";
import { controllerOf } from "../kube/ownership.ts";
import { Reflector } from "../kube/reflector.ts";
import { Store } from "../kube/store.ts";
import { WorkQueue } from "../kube/work-queue.ts";
import { HostAddresses } from "./coreos-cluster/host-addresses.ts";
import { ClusterReconciler } from "./coreos-cluster/reconcile.ts";
import type { Flags } from "./flags.ts";
import { GuestMetrics } from "./guest-metrics.ts";
import { launcherLog, launcherLogStart } from "./launcher-log.ts";
import type { LauncherOptions } from "./launcher-pod/pod.ts";
import { preflight } from "./preflight.ts";
import { heldPod } from "./virtual-machine-instance/held-pod.ts";
import { InstanceReconciler } from "./virtual-machine-instance/reconcile.ts";
import { MachineReconciler } from "./virtual-machine/reconcile.ts";

/** The controller program between its flags and its end. */
export class Manager {
  readonly #flags: Flags;
  readonly #log: Logger;
  readonly #metrics: KubeMetrics;
  readonly #client: Client;
  readonly #events: EventRecorder;
  readonly #guests: GuestMetrics;
  readonly #clusters = new Store<CoreOSCluster>();
  readonly #machines = new Store<VirtualMachine>();
  readonly #instances = new Store<VirtualMachineInstance>();
  readonly #pods = new Store<Pod>(heldPod);
  readonly #reflectors: { readonly synced: boolean; sync(): Promise<void> }[] = [];
  #controllers: readonly Controller[] = [];
  #leading = false;

  constructor(flags: Flags, connection: Connection, log: Logger, metrics: KubeMetrics) {
    this.#flags = flags;
    this.#log = log;
    this.#metrics = metrics;
    this.#client = new Client(connection, CONTROLLER_NAME, metrics.requestObserver);
    this.#events = new EventRecorder(this.#client, CONTROLLER_NAME, log);
    this.#guests = new GuestMetrics(metrics.registry, () =>
      this.#leading
        ? { machines: this.#machines.list(), instances: this.#instances.list(), pods: this.#pods.list() }
        : undefined,
    );
  }

  /** What is still being waited for before the stores are complete. */
  unready(): string | undefined {
    if (this.#reflectors.length === 0) return "starting";
    return this.#reflectors.every(({ synced }) => synced) ? undefined : "the stores are not complete yet";
  }

  /** Why the process should be started anew, if it should. */
  unhealthy(): string | undefined {
    return this.#controllers.map((controller) => controller.stuck()).find((trouble) => trouble !== undefined);
  }

  /**
   * Checks what the cluster offers, then works until the signal ends it or leadership is lost.
   * @throws Error with one line for people, when it cannot work
   */
  async run(signal: AbortSignal): Promise<void> {
    const { leaderElect, leaderElectNamespace, namespaces, catalogNamespace } = this.#flags;
    await preflight(this.#client, namespaces, {
      catalog: catalogNamespace,
      ...(leaderElect ? { lease: leaderElectNamespace } : {}),
    });
    // Standing by with full stores, so that taking over takes no time.
    const watching = this.#watch(signal);
    const synced = Promise.all(this.#reflectors.map(async (reflector) => reflector.sync()));
    await Promise.race([synced, aborted(signal)]);
    if (signal.aborted) return;
    if (leaderElect) await this.#lead(signal);
    else await this.#work(async () => aborted(signal));
    await watching;
  }

  async #lead(signal: AbortSignal): Promise<void> {
    const name = CONTROLLER_NAME;
    const election = new LeaderElection({
      client: this.#client,
      log: this.#log,
      namespace: this.#flags.leaderElectNamespace,
      name,
      identity: `${hostname()}_${randomUUID()}`,
    });
    this.#metrics.leading(name, false);
    try {
      await election.acquire(signal);
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    this.#metrics.leading(name, true);
    await this.#work(async () => election.hold(signal));
    if (!signal.aborted) throw new Error("leadership was lost; another replica acts now");
    await election.release();
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { namespaces } = this.#flags;
    const scopes = namespaces.length === 0 ? [{}] : namespaces.map((namespace) => ({ namespace }));
    const running = scopes.flatMap((scope) => [
      this.#reflect(coreOSClusters, scope, this.#clusters, signal),
      this.#reflect(virtualMachines, scope, this.#machines, signal),
      this.#reflect(virtualMachineInstances, scope, this.#instances, signal),
      this.#reflect(pods, { ...scope, labelSelector: INSTANCE_LABEL }, this.#pods, signal),
    ]);
    await Promise.all(running);
  }

  async #reflect<T extends KubeObject>(
    resource: Resource<T>,
    selection: { namespace?: string; labelSelector?: string },
    store: Store<T>,
    signal: AbortSignal,
  ): Promise<void> {
    const reflector = new Reflector({ client: this.#client, resource, selection, store, log: this.#log });
    this.#reflectors.push(reflector);
    await reflector.run(signal);
  }

  /** Reconciles until `until` resolves, then ends what is under way. */
  async #work(until: () => Promise<void>): Promise<void> {
    const [machineQueue, machineController] = this.#controller("virtualmachine", this.#machineReconciler());
    const [instanceQueue, instanceController] = this.#controller(
      "virtualmachineinstance",
      this.#instanceReconciler(),
    );
    const [clusterQueue, clusterController] = this.#controller("coreoscluster", this.#clusterReconciler());
    this.#clusters.subscribe(({ before, after }) => addKeys(clusterQueue, [before, after]));
    this.#machines.subscribe(({ before, after }) => {
      addKeys(machineQueue, [before, after]);
      addClusters(clusterQueue, [before, after]);
    });
    this.#instances.subscribe(({ before, after }) => {
      addKeys(instanceQueue, [before, after]);
      // A machine and its instance have one name.
      addKeys(machineQueue, [before, after]);
      addClusters(clusterQueue, [before, after]);
    });
    this.#pods.subscribe(({ before, after }) => {
      for (const pod of [before, after]) {
        const owner = pod === undefined ? undefined : controllerOf(pod);
        if (pod !== undefined && owner !== undefined) {
          instanceQueue.add(`${pod.metadata.namespace}/${owner.name}`);
        }
      }
    });
    for (const object of this.#clusters.list()) clusterQueue.add(keyOf(object), "routine");
    for (const object of this.#machines.list()) machineQueue.add(keyOf(object), "routine");
    for (const object of this.#instances.list()) instanceQueue.add(keyOf(object), "routine");
    this.#leading = true;
    this.#controllers = [clusterController, machineController, instanceController];
    for (const controller of this.#controllers) controller.start();
    await until();
    this.#leading = false;
    await Promise.all(this.#controllers.map(async (controller) => controller.stop()));
    await this.#events.flush();
  }

  #clusterReconciler(): Reconciler {
    const host = new HostAddresses(this.#client, process.env["POD_IP"]);
    return new ClusterReconciler({
      client: this.#client,
      clusters: this.#clusters,
      machines: this.#machines,
      instances: this.#instances,
      pods: this.#pods,
      events: this.#events,
      clock: systemClock,
      hostAddresses: async () => host.list(),
      catalog: async () => {
        const namespace = this.#flags.catalogNamespace;
        const map = await this.#client.find(configMaps, namespace, CATALOG_CONFIG_MAP);
        if (map === undefined) return { namespace };
        const { data = {}, metadata } = map;
        return { namespace, data, annotations: metadata.annotations ?? {} };
      },
      memberIgnition,
    });
  }

  #machineReconciler(): Reconciler {
    return new MachineReconciler({
      client: this.#client,
      machines: this.#machines,
      instances: this.#instances,
      events: this.#events,
      clock: systemClock,
      random: Math.random,
    });
  }

  #instanceReconciler(): Reconciler {
    return new InstanceReconciler({
      client: this.#client,
      instances: this.#instances,
      pods: this.#pods,
      events: this.#events,
      clock: systemClock,
      launcher: launcherOptionsOf(this.#flags),
      observeStart: (steps) => {
        this.#guests.started(steps);
      },
      readLog: launcherLog(this.#client),
      readLogStart: launcherLogStart(this.#client),
    });
  }

  #controller(name: string, reconciler: Reconciler): [WorkQueue, Controller] {
    const queue = new WorkQueue({ observer: this.#metrics.queueObserver(name) });
    this.#metrics.watchQueue(name, queue, this.#flags.concurrency);
    const controller = new Controller({
      name,
      queue,
      reconciler,
      log: this.#log,
      concurrency: this.#flags.concurrency,
      observe: (result, seconds) => {
        this.#metrics.reconciled(name, result, seconds);
      },
    });
    return [queue, controller];
  }
}

function addKeys(queue: WorkQueue, objects: readonly (KubeObject | undefined)[]): void {
  for (const object of objects) if (object !== undefined) queue.add(keyOf(object));
}

/** A cluster's machines and instances carry its name. */
function addClusters(queue: WorkQueue, objects: readonly (KubeObject | undefined)[]): void {
  for (const object of objects) {
    const cluster = object?.metadata.labels?.[CLUSTER_LABEL];
    if (object !== undefined && cluster !== undefined) queue.add(`${object.metadata.namespace}/${cluster}`);
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => {
    signal.addEventListener("abort", resolve, { once: true });
  });
}

function launcherOptionsOf({ launcherImage: image, hostDiskFolders, imageVolumes }: Flags): LauncherOptions {
  return { image, hostDiskFolders, imageVolumes };
}
