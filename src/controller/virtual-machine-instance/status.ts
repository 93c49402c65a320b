import { isDeepStrictEqual } from "node:util";
import {
  AgentReason,
  InstanceCondition,
  LauncherReason,
  LIVE_MIGRATION_UNSUPPORTED,
  PhaseReason,
  ReadyReason,
} from "../../api/conditions.ts";
import type { InstancePhase, InstanceStatus, VirtualMachineInstance } from "../../api/resources.ts";
import { updateConditions, type ConditionState } from "../../kube/conditions.ts";
import type { Pod } from "../../kube/object.ts";
import { interfacePlansOf } from "../launcher-pod/interfaces.ts";
import { heldConditions } from "./held.ts";
import { acceleratorOfEnding, conditionOf, isReady, podStateOf, type PodState } from "./pod-state.ts";

/** What a launcher's log says, which its pod does not. */
export interface LogWords {
  /** Why the guest is paused, if it is. */
  pause?: string;
  /** What runs the guest's processors, if that has just been learnt. */
  accelerator?: NonNullable<InstanceStatus["accelerator"]>;
}

/** What stands in the way of the launcher pod. */
export interface Obstacle {
  reason: LauncherReason;
  message: string;
}

export function isFinal(phase: InstancePhase | undefined): boolean {
  return phase === "Succeeded" || phase === "Failed";
}

/** Whether the guest was seen running. */
export function hasRun(status: InstanceStatus | undefined): boolean {
  return status?.phaseTransitionTimestamps?.some(({ phase }) => phase === "Running") ?? false;
}

/** Status of an instance whose pod exists. */
export function statusFromPod(
  instance: VirtualMachineInstance,
  pod: Pod,
  nowMs: number,
  { pause, accelerator }: LogWords = {},
): InstanceStatus {
  const told = podStateOf(pod);
  const state = steadied(told, instance.status);
  const leaving = pod.metadata.deletionTimestamp !== undefined;
  const paused = state.phase === "Running" && !leaving ? pausedOf(pause) : [];
  const ready = paused.length > 0 ? notReady(ReadyReason.GuestPaused, "the guest is paused") : undefined;
  const conditions = [
    ready ?? readyOf(state, told, pod),
    created(pod.metadata.name),
    ...scheduledOf(pod),
    ...paused,
    ...agentOf(instance, pod),
  ];
  const nodeName = pod.spec.nodeName ?? instance.status?.nodeName;
  return {
    ...base(instance, state, conditions, nowMs),
    podName: pod.metadata.name,
    ...(nodeName === undefined ? {} : { nodeName }),
    ...acceleratorOf(instance, pod, accelerator),
    ...interfacesOf(instance, pod),
  };
}

/** Status of an instance that cannot have its pod now (`Pending`), or never will (`Failed`). */
export function statusWithObstacle(
  instance: VirtualMachineInstance,
  obstacle: Obstacle,
  phase: "Pending" | "Failed",
  nowMs: number,
): InstanceStatus {
  const ready = notReady(ReadyReason.PodNotExists, obstacle.message);
  const launcher: ConditionState = { type: InstanceCondition.LauncherCreated, status: "False", ...obstacle };
  return base(instance, { phase, ...obstacle }, [ready, launcher], nowMs);
}

/** Status of an instance whose pod was there and is no more. */
export function statusWithoutPod(instance: VirtualMachineInstance, nowMs: number): InstanceStatus {
  const { status = {} } = instance;
  const state: PodState = {
    phase: "Failed",
    reason: PhaseReason.PodDeleted,
    message: `the pod ${status.podName ?? ""} was deleted and its end was not seen; an instance never gets a second pod`,
  };
  const launcher: ConditionState[] = status.podName === undefined ? [] : [created(status.podName)];
  return {
    ...status,
    ...base(instance, state, [notReady(ReadyReason.PodNotExists, state.message), ...launcher], nowMs),
  };
}

/**
 * How much a change of status matters: nothing has changed, it may wait whether something more important follows
 * within the moment, or people and programs wait for it.
 */
export function significance(
  before: InstanceStatus | undefined,
  after: InstanceStatus,
): "none" | "soon" | "now" {
  if (isDeepStrictEqual(before, after)) return "none";
  if (before?.phase !== after.phase) return after.phase === "Scheduled" ? "soon" : "now";
  if (before?.reason !== after.reason) return "now";
  const ready = (status: InstanceStatus): string | undefined =>
    status.conditions?.find(({ type }) => type === InstanceCondition.Ready)?.status;
  return ready(before ?? {}) === ready(after) ? "soon" : "now";
}

function base(
  instance: VirtualMachineInstance,
  state: PodState,
  conditions: readonly ConditionState[],
  nowMs: number,
): InstanceStatus {
  const now = new Date(nowMs).toISOString();
  const generation = instance.metadata.generation;
  return {
    phase: state.phase,
    ...(state.reason === "" ? {} : { reason: state.reason }),
    ...(state.message === "" ? {} : { message: state.message.slice(0, 8192) }),
    phaseTransitionTimestamps: phaseTimes(instance.status, state.phase, now),
    conditions: updateConditions(
      instance.status?.conditions,
      [...conditions, ...heldConditions(instance), notMigratable],
      generation,
      now,
    ),
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  };
}

function phaseTimes(
  status: InstanceStatus | undefined,
  phase: InstancePhase,
  now: string,
): NonNullable<InstanceStatus["phaseTransitionTimestamps"]> {
  const times = status?.phaseTransitionTimestamps ?? [];
  return times.some((time) => time.phase === phase)
    ? times
    : [...times, { phase, phaseTransitionTimestamp: now }];
}

/**
 * What the pod says, in the light of what is known already. A guest that was seen running is not taken back to a start
 * when its probe is silent for a moment, as after a restart of the kubelet: its end has to be shown.
 */
function steadied(state: PodState, status: InstanceStatus = {}): PodState {
  if (state.phase === "Scheduled" && hasRun(status)) return { ...state, phase: "Running" };
  return keepsFailingToPull(state, status)
    ? { ...state, reason: PhaseReason.ImagePullBackOff, message: status.message ?? "" }
    : state;
}

/** The kubelet alternates between the two words while it keeps failing to pull: one transition says it. */
function keepsFailingToPull({ reason }: PodState, status: InstanceStatus): boolean {
  if (status.reason !== PhaseReason.ImagePullBackOff) return false;
  return reason === PhaseReason.ErrImagePull || reason === PhaseReason.ImagePullBackOff;
}

function readyOf(state: PodState, told: PodState, pod: Pod): ConditionState {
  if (isFinal(state.phase)) return notReady(ReadyReason.PodFinished, state.message);
  if (state.phase === "Unknown") return notReady(ReadyReason.NodeLost, state.message, "Unknown");
  if (pod.metadata.deletionTimestamp !== undefined) {
    return notReady(ReadyReason.PodTerminating, "the guest is being shut down");
  }
  if (told.phase !== "Running") return notReady(ReadyReason.GuestNotRunning, state.message);
  if (!isReady(pod)) {
    return notReady(
      ReadyReason.ReadinessProbeFailed,
      "the guest runs, and its readinessProbe does not succeed",
    );
  }
  return { type: InstanceCondition.Ready, status: "True", reason: ReadyReason.GuestRunning, message: "" };
}

/** The pod's readiness is the agent's where the probe asks nothing else. */
function agentOf({ spec }: VirtualMachineInstance, pod: Pod): ConditionState[] {
  if (spec.readinessProbe?.guestAgentPing === undefined) return [];
  const type = InstanceCondition.AgentConnected;
  if (isReady(pod)) return [{ type, status: "True", reason: AgentReason.AgentAnswers, message: "" }];
  const message =
    "the guest's agent does not answer: it needs qemu-guest-agent, and a guest that has booted and is not paused";
  return [{ type, status: "False", reason: AgentReason.AgentDoesNotAnswer, message }];
}

function notReady(reason: string, message: string, status: "False" | "Unknown" = "False"): ConditionState {
  return { type: InstanceCondition.Ready, status, reason, message };
}

const notMigratable: ConditionState = {
  type: InstanceCondition.LiveMigratable,
  status: "False",
  reason: LIVE_MIGRATION_UNSUPPORTED,
  message: "guests cannot be moved while they run; spec.evictionStrategy says what the drain of a node does",
};

function pausedOf(reason: string | undefined): ConditionState[] {
  if (reason === undefined) return [];
  const message = pauseMessages[reason] ?? "the guest's processors are stopped";
  return [{ type: InstanceCondition.Paused, status: "True", reason, message }];
}

/** By the reason, in the launcher's words. */
const pauseMessages: Record<string, string | undefined> = {
  User: "the guest was paused by request; nestlet-ctl unpause lets it go on",
  IOError:
    "a disk of the guest could not be read or written; see to the storage, then nestlet-ctl unpause lets the guest go on",
  NoSpace:
    "a disk of the guest has no room on its claim or node, as the log of the pod says which; make room, and the guest " +
    "goes on by itself",
};

function created(podName: string): ConditionState {
  return {
    type: InstanceCondition.LauncherCreated,
    status: "True",
    reason: LauncherReason.Created,
    message: `pod ${podName}`,
  };
}

function scheduledOf(pod: Pod): ConditionState[] {
  const condition = conditionOf(pod, "PodScheduled");
  if (condition === undefined) return [];
  const status = condition.status === "True" ? "True" : "False";
  const reason = condition.reason ?? (status === "True" ? "Scheduled" : PhaseReason.Unschedulable);
  return [{ type: InstanceCondition.PodScheduled, status, reason, message: condition.message ?? "" }];
}

/** It never changes in a run: what is known stays. What nobody could read in a log, the launcher's end tells. */
function acceleratorOf(
  { status }: VirtualMachineInstance,
  pod: Pod,
  learnt: LogWords["accelerator"],
): Pick<InstanceStatus, "accelerator"> {
  const type = acceleratorOfEnding(pod);
  const accelerator = status?.accelerator ?? learnt ?? (type === undefined ? undefined : { type });
  return accelerator === undefined ? {} : { accelerator };
}

/** The guest is reached at the pod's addresses, with bridge as their holder; those of a pod that is over are kept. */
function interfacesOf(instance: VirtualMachineInstance, pod: Pod): Pick<InstanceStatus, "interfaces"> {
  const [network] = interfacePlansOf(instance.spec);
  const ipAddress = pod.status?.podIP;
  if (network === undefined || ipAddress === undefined) {
    const known = instance.status?.interfaces;
    return known === undefined ? {} : { interfaces: known };
  }
  const ipAddresses = pod.status?.podIPs?.map(({ ip }) => ip) ?? [ipAddress];
  return { interfaces: [{ name: network.name, ipAddress, ipAddresses }] };
}
