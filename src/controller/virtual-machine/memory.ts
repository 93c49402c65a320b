import { isDeepStrictEqual } from "node:util";
import { PhaseReason, STOP_REQUESTED } from "../../api/conditions.ts";
import type {
  InstanceStatus,
  RunStrategy,
  VirtualMachineInstance,
  VirtualMachineStatus,
} from "../../api/resources.ts";
import { isFinal } from "../virtual-machine-instance/status.ts";
import type { StateChangeRequest } from "./request.ts";
import type { LastRun } from "./run-strategy.ts";

type StartFailure = NonNullable<VirtualMachineStatus["startFailure"]>;

/** What a machine keeps of its runs, the present one included. */
export interface Memory {
  lastRun?: LastRun;
  /** Present while failed runs are being repeated. */
  startFailure?: StartFailure;
}

export interface Moment {
  nowMs: number;
  /** From 0 to 1; spreads restarts. */
  chance: number;
}

/** A guest that ran this long ran well: failures before it are forgotten. */
const wellRunMs = 60_000;
/** After the n-th failure in a row: 10·n² seconds and up to half of that by chance, at most five minutes. */
const failurePause = { unitMs: 10_000, maxMs: 300_000 };
/** Ends that an instance comes to because it is deleted, not because its guest failed. */
const endsOfDeletion = new Set<string | undefined>(["Stopped", "Killed", PhaseReason.PodDeleted]);

/** What is known of the runs so far. */
export function remember(
  status: VirtualMachineStatus,
  strategy: RunStrategy,
  instance: VirtualMachineInstance | undefined,
  moment: Moment,
): Memory {
  if (instance === undefined)
    return strategy === "Halted" ? {} : memoryOf(status.lastRun, status.startFailure);
  const known = status.lastRun?.uid === instance.metadata.uid ? status.lastRun : runOf(instance);
  const failure = strategy === "Halted" ? undefined : status.startFailure;
  if (!isFinal(instance.status?.phase)) {
    const well = runsWellInMs(instance, moment.nowMs) === 0;
    return memoryOf(known, well ? undefined : failure);
  }
  if (known.phase !== undefined) return memoryOf(known, failure);
  const ended = endedRun(known, instance.status ?? {}, moment.nowMs);
  return memoryOf(ended, strategy === "Halted" ? undefined : failureAfter(failure, ended, instance, moment));
}

/** The same after requests: one to stop is kept as the run's end, one to start makes failures forgotten. */
export function withRequests(memory: Memory, requests: readonly StateChangeRequest[], nowMs: number): Memory {
  if (requests.some(({ action }) => action === "Start")) return memoryOf(memory.lastRun, undefined);
  const { lastRun } = memory;
  if (lastRun === undefined || !requests.some(({ uid }) => uid === lastRun.uid)) return memory;
  const endTime = lastRun.endTime ?? new Date(nowMs).toISOString();
  return { lastRun: { ...lastRun, phase: "Succeeded", reason: STOP_REQUESTED, endTime } };
}

/** Whether two statuses remember the same. The rest of a status follows from that and from what is there to be seen. */
export function remembersTheSame(one: VirtualMachineStatus, other: VirtualMachineStatus): boolean {
  const [a, b] = [one, other].map(({ lastRun, startFailure, stateChangeRequests, lastRequest }) => ({
    lastRun,
    startFailure,
    stateChangeRequests,
    lastRequest,
  }));
  return isDeepStrictEqual(a, b);
}

/** How long until the guest has run well; 0 when it has, undefined while it does not run. */
export function runsWellInMs(
  instance: VirtualMachineInstance | undefined,
  nowMs: number,
): number | undefined {
  const times = instance?.status?.phaseTransitionTimestamps ?? [];
  const since = times.find(({ phase }) => phase === "Running")?.phaseTransitionTimestamp;
  return since === undefined ? undefined : Math.max(0, Date.parse(since) + wellRunMs - nowMs);
}

function memoryOf(lastRun: LastRun | undefined, startFailure: StartFailure | undefined): Memory {
  return {
    ...(lastRun === undefined ? {} : { lastRun }),
    ...(startFailure === undefined ? {} : { startFailure }),
  };
}

function runOf(instance: VirtualMachineInstance): LastRun {
  return { uid: instance.metadata.uid, startTime: instance.metadata.creationTimestamp };
}

function endedRun(run: LastRun, status: InstanceStatus, nowMs: number): LastRun {
  const phase = status.phase === "Succeeded" ? "Succeeded" : "Failed";
  const reason = status.reason === undefined ? {} : { reason: status.reason };
  return { ...run, phase, ...reason, endTime: new Date(nowMs).toISOString() };
}

function failureAfter(
  before: StartFailure | undefined,
  run: LastRun,
  instance: VirtualMachineInstance,
  { nowMs, chance }: Moment,
): StartFailure | undefined {
  if (run.phase !== "Failed") return undefined;
  if (instance.metadata.deletionTimestamp !== undefined && endsOfDeletion.has(run.reason)) return before;
  const count = runsWellInMs(instance, nowMs) === 0 ? 1 : (before?.consecutiveFailCount ?? 0) + 1;
  const pauseMs = Math.min(failurePause.unitMs * count ** 2 * (1 + chance / 2), failurePause.maxMs);
  return {
    consecutiveFailCount: count,
    lastFailedVMIUID: run.uid,
    retryAfterTimestamp: new Date(nowMs + pauseMs).toISOString(),
  };
}
