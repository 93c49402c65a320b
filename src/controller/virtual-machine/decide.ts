import { InstanceCondition, LauncherReason, MachineCondition, PhaseReason } from "../../api/conditions.ts";
import type {
  InstanceStatus,
  PrintableStatus,
  RunStrategy,
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineStatus,
} from "../../api/resources.ts";
import { updateConditions, type ConditionState } from "../../kube/conditions.ts";
import { isFinal } from "../virtual-machine-instance/status.ts";

/** What to do about the machine's instance, after the status has been stored. */
export interface Decision {
  action: "none" | "create" | "delete";
  status: VirtualMachineStatus;
  /** When to look again though nothing has changed. */
  requeueAfterMs?: number;
}

type LastRun = NonNullable<VirtualMachineStatus["lastRun"]>;
type StartFailure = NonNullable<VirtualMachineStatus["startFailure"]>;

/** A guest that ran this long ran well: failures before it are forgotten. */
export const wellRunMs = 60_000;
/** Runs of a guest that ends at once begin no closer together than this. */
export const runIntervalMs = 10_000;
/** After the n-th failure in a row: 10·n² seconds and up to half of that by chance, at most five minutes. */
const failurePause = { unitMs: 10_000, maxMs: 300_000 };

/** The run strategy in force, under either of its names. */
export function runStrategyOf(machine: VirtualMachine): RunStrategy {
  const { runStrategy, running } = machine.spec;
  return runStrategy ?? (running === true ? "Always" : "Halted");
}

/**
 * What a machine needs now. What has been decided by the end of a run (it failed for the third time, the guest powered
 * itself off) goes into the status first, and only then is the instance touched: so it survives the controller's end
 * at any point.
 * @param instance the machine's own instance, if there is one
 * @param chance a number from 0 to 1 that spreads restarts
 */
export function decide(
  machine: VirtualMachine,
  instance: VirtualMachineInstance | undefined,
  nowMs: number,
  chance: number,
): Decision {
  const strategy = runStrategyOf(machine);
  const moment = { nowMs, chance };
  const memory = remember(machine.status ?? {}, strategy, instance, moment);
  const action = actionOf(strategy, memory.lastRun, instance);
  const waitMs = action === "create" ? nextStartMs(memory, nowMs) - nowMs : 0;
  const effective = waitMs > 0 ? "none" : action;
  const printableStatus = printableOf(instance, {
    action,
    rerun: wantsRun(strategy, memory.lastRun),
    waitMs,
    failing: memory.startFailure !== undefined,
  });
  const wellInMs = memory.startFailure === undefined ? undefined : runsWellInMs(instance, nowMs);
  const requeueAfterMs = waitMs > 0 ? waitMs : wellInMs;
  return {
    action: effective,
    status: statusOf(machine, instance, { ...memory, printableStatus, runStrategy: strategy }, nowMs),
    ...(requeueAfterMs === undefined ? {} : { requeueAfterMs }),
  };
}

interface Memory {
  lastRun?: LastRun;
  startFailure?: StartFailure;
}

interface Moment {
  nowMs: number;
  chance: number;
}

/** What is known of the runs so far, the present one included. */
function remember(
  status: VirtualMachineStatus,
  strategy: RunStrategy,
  instance: VirtualMachineInstance | undefined,
  { nowMs, chance }: Moment,
): Memory {
  if (instance === undefined)
    return strategy === "Halted" ? {} : memoryOf(status.lastRun, status.startFailure);
  const known = status.lastRun?.uid === instance.metadata.uid ? status.lastRun : runOf(instance);
  const failure = strategy === "Halted" ? undefined : status.startFailure;
  if (!isFinal(instance.status?.phase)) {
    const well = runsWellInMs(instance, nowMs) === 0;
    return memoryOf(known, well ? undefined : failure);
  }
  if (known.phase !== undefined) return memoryOf(known, failure);
  const ended = endedRun(known, instance.status ?? {}, nowMs);
  return memoryOf(
    ended,
    strategy === "Halted" ? undefined : failureAfter(failure, ended, instance, { nowMs, chance }),
  );
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
  const count = runsWellInMs(instance, nowMs) === 0 ? 1 : (before?.consecutiveFailCount ?? 0) + 1;
  const pauseMs = Math.min(failurePause.unitMs * count ** 2 * (1 + chance / 2), failurePause.maxMs);
  return {
    consecutiveFailCount: count,
    lastFailedVMIUID: run.uid,
    retryAfterTimestamp: new Date(nowMs + pauseMs).toISOString(),
  };
}

/** How long until the guest has run well; 0 when it has, undefined while it does not run. */
function runsWellInMs(instance: VirtualMachineInstance | undefined, nowMs: number): number | undefined {
  const times = instance?.status?.phaseTransitionTimestamps ?? [];
  const since = times.find(({ phase }) => phase === "Running")?.phaseTransitionTimestamp;
  return since === undefined ? undefined : Math.max(0, Date.parse(since) + wellRunMs - nowMs);
}

function actionOf(
  strategy: RunStrategy,
  lastRun: LastRun | undefined,
  instance: VirtualMachineInstance | undefined,
): Decision["action"] {
  if (instance === undefined) return wantsRun(strategy, lastRun) ? "create" : "none";
  if (instance.metadata.deletionTimestamp !== undefined) return "none";
  if (strategy === "Halted") return "delete";
  return isFinal(instance.status?.phase) && wantsRun(strategy, lastRun) ? "delete" : "none";
}

/** Whether another run shall follow the last one, which is over. */
function wantsRun(strategy: RunStrategy, lastRun: LastRun | undefined): boolean {
  switch (strategy) {
    case "Always":
      return true;
    case "RerunOnFailure":
      return lastRun?.phase !== "Succeeded";
    case "Once":
      return lastRun === undefined;
    case "Halted":
      return false;
  }
}

function nextStartMs({ lastRun, startFailure }: Memory, nowMs: number): number {
  const retry = startFailure?.retryAfterTimestamp;
  if (retry !== undefined) return Date.parse(retry);
  // A run whose end was not seen was ended by somebody, not by its guest: there is no loop to slow down.
  if (lastRun?.phase === undefined || lastRun.startTime === undefined) return nowMs;
  return Date.parse(lastRun.startTime) + runIntervalMs;
}

interface Next {
  action: Decision["action"];
  /** Another run follows the one that is over. */
  rerun: boolean;
  waitMs: number;
  failing: boolean;
}

function printableOf(instance: VirtualMachineInstance | undefined, next: Next): PrintableStatus {
  const waiting = next.failing ? "CrashLoopBackOff" : "Starting";
  if (instance === undefined) {
    if (next.action === "none") return "Stopped";
    return next.waitMs > 0 ? waiting : "Starting";
  }
  const { status = {}, metadata } = instance;
  if (isFinal(status.phase)) return next.rerun ? waiting : "Stopped";
  if (metadata.deletionTimestamp !== undefined || next.action === "delete") return "Stopping";
  if (status.phase === "Running") return "Running";
  if (status.phase === "Unknown") return "Unknown";
  return startingWord(status);
}

function startingWord({ phase, reason }: InstanceStatus): PrintableStatus {
  if (reason === LauncherReason.ClaimNotFound) return "ErrorPvcNotFound";
  if (reason === PhaseReason.Unschedulable) return "ErrorUnschedulable";
  if (reason === PhaseReason.ErrImagePull || reason === PhaseReason.ImagePullBackOff) return reason;
  return phase === "Pending" && reason !== undefined ? "Provisioning" : "Starting";
}

function statusOf(
  machine: VirtualMachine,
  instance: VirtualMachineInstance | undefined,
  fields: Memory & Pick<VirtualMachineStatus, "printableStatus" | "runStrategy">,
  nowMs: number,
): VirtualMachineStatus {
  const ready = readyOf(instance);
  const { generation } = machine.metadata;
  const now = new Date(nowMs).toISOString();
  return {
    ...fields,
    created: instance !== undefined,
    ready: ready.status === "True",
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    conditions: updateConditions(machine.status?.conditions, [ready], generation, now),
  };
}

/** As the instance's. */
function readyOf(instance: VirtualMachineInstance | undefined): ConditionState {
  const type = MachineCondition.Ready;
  const condition = instance?.status?.conditions?.find((one) => one.type === InstanceCondition.Ready);
  if (condition === undefined) {
    return {
      type,
      status: "False",
      reason: "InstanceNotRunning",
      message: "no instance of the machine runs",
    };
  }
  return { type, status: condition.status, reason: condition.reason, message: condition.message };
}
