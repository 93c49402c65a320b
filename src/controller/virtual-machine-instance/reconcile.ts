import { INSTANCE_FINALIZER } from "../../api/metadata.ts";
import { LauncherReason } from "../../api/conditions.ts";
import { launcherPodName } from "../../api/names.ts";
import {
  virtualMachineInstances,
  type InstanceStatus,
  type VirtualMachineInstance,
} from "../../api/resources.ts";
import { isAlreadyExists, isNotFound } from "../../kube/api-error.ts";
import type { Client } from "../../kube/client.ts";
import type { Clock } from "../../kube/clock.ts";
import type { Outcome, Reconciler } from "../../kube/controller.ts";
import type { EventRecorder } from "../../kube/events.ts";
import { Expectations } from "../../kube/expectations.ts";
import type { Logger } from "../../kube/log.ts";
import { mergePatchBetween } from "../../kube/merge-patch.ts";
import { keyOf, podDisruptionBudgets, pods, type Draft, type Pod } from "../../kube/object.ts";
import { controllerOf, isControlledBy } from "../../kube/ownership.ts";
import { Settling } from "../../kube/settling.ts";
import type { Store } from "../../kube/store.ts";
import { disruptionBudgetOf } from "../launcher-pod/disruption-budget.ts";
import { launcherPodOf, type LauncherOptions } from "../launcher-pod/pod.ts";
import type { ReadLog } from "../launcher-log.ts";
import { Accelerators } from "./accelerators.ts";
import { ClaimUsers } from "./claim-users.ts";
import { claimInUse, lookUpClaims } from "./claims.ts";
import { eventOf } from "./events.ts";
import { heldEnd, heldObstacle, isHeld } from "./held.ts";
import { hostDiskObstacle } from "./host-disk-obstacle.ts";
import { missingInitData } from "./missing-init-data.ts";
import { Pauses } from "./pauses.ts";
import { hasStopped } from "./pod-state.ts";
import { refusalOf } from "./refusal.ts";
import { startStepsOf, type StartSteps } from "./start-steps.ts";
import {
  hasRun,
  isFinal,
  significance,
  statusFromPod,
  statusWithObstacle,
  statusWithoutPod,
  type Obstacle,
} from "./status.ts";

export interface InstanceReconcilerOptions {
  client: Client;
  instances: Store<VirtualMachineInstance>;
  pods: Store<Pod>;
  events: EventRecorder;
  clock: Clock;
  launcher: LauncherOptions;
  /** Told how long each step of a start took, once an instance. */
  observeStart: (steps: StartSteps) => void;
  /** Reads the end of a launcher's log, which tells of pauses. */
  readLog: ReadLog;
  /** Reads its beginning, which tells of the accelerator. */
  readLogStart: ReadLog;
}

/** A lost watch event may not hold up an instance for longer. */
const expectationMs = 10_000;
/** A status that lasts less than this is not worth a write if a more important one follows. */
const settlingMs = 3_000;
/** Obstacles that no watch tells the end of are looked at again: soon at first, then ever more rarely. */
const retry = { minMs: 1_000, maxMs: 30_000 };

/** Brings an instance to its end: finalizer → pod → status → pod gone → finalizer removed. */
export class InstanceReconciler implements Reconciler {
  readonly #options: InstanceReconcilerOptions;
  readonly #expectations: Expectations;
  readonly #settling: Settling;
  readonly #pauses: Pauses;
  readonly #accelerators: Accelerators;
  readonly #claimUsers: ClaimUsers;

  constructor(options: InstanceReconcilerOptions) {
    this.#options = options;
    this.#expectations = new Expectations(options.clock, expectationMs);
    this.#settling = new Settling(options.clock, settlingMs);
    this.#pauses = new Pauses(options.readLog, options.clock);
    this.#accelerators = new Accelerators(options.readLogStart, options.clock);
    this.#claimUsers = new ClaimUsers(options.pods);
    options.pods.subscribe(({ before, after }) => {
      const pod = after ?? before;
      const owner = pod === undefined ? undefined : controllerOf(pod);
      if (owner !== undefined) this.#expectations.fulfil(owner.uid);
    });
  }

  async reconcile(key: string, log: Logger): Promise<Outcome> {
    const instance = this.#options.instances.get(key);
    if (instance === undefined) {
      this.#settling.clear(key);
      this.#pauses.forget(key);
      this.#accelerators.forget(key);
      this.#claimUsers.forget(key);
      return undefined;
    }
    const pod = this.#podOf(instance);
    if (pod !== undefined) this.#expectations.fulfil(instance.metadata.uid);
    const expectedMs = this.#expectations.pendingMs(instance.metadata.uid);
    if (expectedMs === 0) this.#claimUsers.forget(key);
    const leaving = instance.metadata.deletionTimestamp !== undefined;
    if (leaving && !isHeld(instance)) return this.#end(instance, log);
    if (isFinal(instance.status?.phase)) {
      return leaving ? this.#write(instance, heldEnd(instance, this.#options.clock.now())) : undefined;
    }
    if (pod !== undefined) return this.#follow(instance, pod);
    if (expectedMs > 0) return { requeueAfterMs: expectedMs };
    return this.#withoutPod(instance, log);
  }

  async #withoutPod(instance: VirtualMachineInstance, log: Logger): Promise<Outcome> {
    if (instance.status?.podName !== undefined) return this.#missPod(instance, log);
    if (!isHeld(instance)) return this.#launch(instance, log);
    const now = this.#options.clock.now();
    return this.#write(instance, statusWithObstacle(instance, heldObstacle(instance), "Pending", now));
  }

  /** The status follows the pod. */
  async #follow(instance: VirtualMachineInstance, pod: Pod): Promise<Outcome> {
    const { clock, observeStart } = this.#options;
    const paused = this.#pauses.view(instance, pod);
    const ran = this.#accelerators.view(instance, pod);
    const againMs = Math.min(paused.againMs ?? Infinity, ran.againMs ?? Infinity);
    const again: Outcome = againMs === Infinity ? undefined : { requeueAfterMs: againMs };
    if (paused.looking || ran.looking) return again;
    const status = statusFromPod(instance, pod, clock.now(), {
      ...(paused.reason === undefined ? {} : { pause: paused.reason }),
      ...(ran.accelerator === undefined ? {} : { accelerator: ran.accelerator }),
    });
    const outcome = await this.#write(instance, status);
    if (status.phase === "Running" && !hasRun(instance.status)) {
      observeStart(startStepsOf(instance, pod, clock.now()));
    }
    return outcome ?? again;
  }

  /** No pod in the store, though there was one: only the API server knows whether it is gone. */
  async #missPod(instance: VirtualMachineInstance, log: Logger): Promise<Outcome> {
    const { client, clock } = this.#options;
    const pod = await client.find(pods, instance.metadata.namespace, launcherPodName(instance.metadata));
    if (pod !== undefined && isControlledBy(pod, instance)) return { requeueAfterMs: retry.minMs };
    log.info("the launcher pod is gone");
    return this.#write(instance, statusWithoutPod(instance, clock.now()));
  }

  async #launch(stale: VirtualMachineInstance, log: Logger): Promise<Outcome> {
    const missing =
      hostDiskObstacle(stale, this.#options.launcher.hostDiskFolders) ??
      (await missingInitData(this.#options.client, stale));
    if (missing !== undefined) return this.#wait(stale, missing);
    const found = await lookUpClaims(this.#options.client, stale);
    if ("obstacle" in found) return this.#wait(stale, found.obstacle);
    const instance = await this.#claim(stale);
    if (instance === undefined) return { requeueAfterMs: retry.minMs };
    const key = keyOf(instance);
    try {
      await this.#protect(instance);
      const draft = launcherPodOf(instance, this.#options.launcher, found.claims);
      const inUse = claimInUse(instance, this.#claimUsers.of(instance));
      if (inUse !== undefined) return await this.#wait(instance, inUse);
      // Between this line and the last nothing else runs: of two instances that want a claim, one finds the other here.
      this.#claimUsers.expect(key, draft);
      const pod = await this.#createPod(instance, draft);
      if (pod === undefined) {
        this.#claimUsers.forget(key);
        return await this.#wait(instance, nameTaken(instance));
      }
      log.info("launcher pod created", { pod: pod.metadata.name });
      return await this.#follow(instance, pod);
    } catch (error) {
      // Where the pod was made, and only its status not told, it goes on using its claims.
      if (this.#expectations.pendingMs(instance.metadata.uid) === 0) this.#claimUsers.forget(key);
      const refusal = refusalOf(error, instance.metadata.namespace);
      if (refusal === undefined) throw error;
      const { permanent, reason, message } = refusal;
      if (!permanent) return await this.#wait(instance, { reason, message });
      const status = statusWithObstacle(instance, { reason, message }, "Failed", this.#options.clock.now());
      return await this.#write(instance, status);
    }
  }

  /**
   * The instance as it is now, with the finalizer stored; undefined when the store is behind what has become of it.
   * Nothing is created on the word of a stale store.
   */
  async #claim(stale: VirtualMachineInstance): Promise<VirtualMachineInstance | undefined> {
    const { client, instances } = this.#options;
    const finalizers = stale.metadata.finalizers ?? [];
    if (!finalizers.includes(INSTANCE_FINALIZER)) {
      const { resourceVersion } = stale.metadata;
      const metadata = { resourceVersion, finalizers: [...finalizers, INSTANCE_FINALIZER] };
      const instance = await client.mergePatch(virtualMachineInstances, stale.metadata, { metadata });
      instances.observe(instance);
      return instance;
    }
    const { namespace, name, uid } = stale.metadata;
    const instance = await client.find(virtualMachineInstances, namespace, name);
    const unchanged =
      instance?.metadata.uid === uid &&
      instance.metadata.deletionTimestamp === undefined &&
      instance.status?.podName === undefined &&
      !isFinal(instance.status?.phase);
    return unchanged ? instance : undefined;
  }

  /** What refuses evictions comes before the pod, so that there is no moment without it. Its name is the instance's own. */
  async #protect(instance: VirtualMachineInstance): Promise<void> {
    const budget = disruptionBudgetOf(instance);
    if (budget === undefined) return;
    try {
      await this.#options.client.create(podDisruptionBudgets, budget);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  }

  /** The pod, made now or before; undefined when another's has its name. */
  async #createPod(instance: VirtualMachineInstance, draft: Draft<Pod>): Promise<Pod | undefined> {
    const { client, events } = this.#options;
    const { uid } = instance.metadata;
    // First: the watch may tell of the pod before the answer comes.
    this.#expectations.expect(uid);
    try {
      const pod = await client.create(pods, draft);
      const note = `created pod ${pod.metadata.name}`;
      events.record(instance, { type: "Normal", reason: "SuccessfulCreate", action: "CreatePod", note });
      return pod;
    } catch (error) {
      this.#expectations.fulfil(uid);
      if (!isAlreadyExists(error)) throw error;
      const pod = await client.get(pods, draft.metadata.namespace, draft.metadata.name);
      if (!isControlledBy(pod, instance)) return undefined;
      this.#expectations.expect(uid);
      return pod;
    }
  }

  /** No pod for now: says why, and looks again. */
  async #wait(instance: VirtualMachineInstance, obstacle: Obstacle): Promise<Outcome> {
    const now = this.#options.clock.now();
    await this.#write(instance, statusWithObstacle(instance, obstacle, "Pending", now));
    const age = now - Date.parse(instance.metadata.creationTimestamp);
    return { requeueAfterMs: Math.min(Math.max(age / 10, retry.minMs), retry.maxMs) };
  }

  /** The instance is being deleted: the pod goes first, the finalizer last. */
  async #end(instance: VirtualMachineInstance, log: Logger): Promise<Outcome> {
    const { client, instances } = this.#options;
    const { namespace, name, resourceVersion, finalizers = [] } = instance.metadata;
    if (!finalizers.includes(INSTANCE_FINALIZER)) return undefined;
    const pod =
      this.#podOf(instance) ?? (await client.find(pods, namespace, launcherPodName(instance.metadata)));
    if (pod !== undefined && isControlledBy(pod, instance) && !(await this.#deletePod(pod, log))) {
      return instance.status?.phase === undefined ? undefined : this.#follow(instance, pod);
    }
    const rest = finalizers.filter((finalizer) => finalizer !== INSTANCE_FINALIZER);
    try {
      const patch = { metadata: { resourceVersion, finalizers: rest } };
      instances.observe(await client.mergePatch(virtualMachineInstances, { namespace, name }, patch));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    return undefined;
  }

  /**
   * Whether the pod is gone. Its own grace period lets the guest shut down. Once nothing of it runs, its object goes
   * at once: the kubelet would remove it after two more of its rounds, up to a second later.
   */
  async #deletePod(pod: Pod, log: Logger): Promise<boolean> {
    const { client, pods: store } = this.#options;
    const { uid, deletionTimestamp } = pod.metadata;
    const stopped = hasStopped(pod);
    if (deletionTimestamp !== undefined && !stopped) return false;
    try {
      const deleted = await client.delete(pods, pod.metadata, {
        uid,
        ...(stopped ? { gracePeriodSeconds: 0 } : {}),
      });
      log.info("launcher pod deleted", { pod: pod.metadata.name, stopped });
      if (!stopped && deleted !== undefined) store.observe(deleted);
      return stopped;
    } catch (error) {
      if (isNotFound(error)) return true;
      throw error;
    }
  }

  async #write(instance: VirtualMachineInstance, status: InstanceStatus): Promise<Outcome> {
    const { client, instances, events } = this.#options;
    const { namespace, name, resourceVersion } = instance.metadata;
    const key = `${namespace}/${name}`;
    const weight = significance(instance.status, status);
    if (weight === "none") {
      this.#settling.clear(key);
      return undefined;
    }
    // Of an instance that is about to go, only what lasts is worth telling.
    const patient = weight === "soon" || instance.metadata.deletionTimestamp !== undefined;
    const settlesMs = patient ? this.#settling.remainingMs(key) : 0;
    if (settlesMs > 0) return { requeueAfterMs: settlesMs };
    this.#settling.clear(key);
    const patch = { metadata: { resourceVersion }, status: mergePatchBetween(instance.status ?? {}, status) };
    instances.observe(await client.mergePatch(virtualMachineInstances, { namespace, name }, patch, "status"));
    const text = eventOf(instance.status, status);
    if (text !== undefined) events.record(instance, text);
    return undefined;
  }

  #podOf(instance: VirtualMachineInstance): Pod | undefined {
    const { namespace } = instance.metadata;
    const pod = this.#options.pods.get(`${namespace}/${launcherPodName(instance.metadata)}`);
    return pod !== undefined && isControlledBy(pod, instance) ? pod : undefined;
  }
}

function nameTaken(instance: VirtualMachineInstance): Obstacle {
  const name = launcherPodName(instance.metadata);
  return {
    reason: LauncherReason.PodNameTaken,
    message: `pod ${name} exists and does not belong to this instance; delete that pod`,
  };
}
