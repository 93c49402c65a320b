import { InstanceCondition, LauncherReason, PhaseReason, STOP_REQUESTED } from "../../api/conditions.ts";
import type {
  InstanceStatus,
  PrintableStatus,
  VirtualMachineInstance,
  VirtualMachineStatus,
} from "../../api/resources.ts";
import { isFinal } from "../virtual-machine-instance/status.ts";

/** What comes next for a machine. */
export interface Next {
  action: "none" | "create" | "delete";
  /** Another run follows the one that is over. */
  rerun: boolean;
  /** How long until then. */
  waitMs: number;
  /** The run before has failed. */
  failing: boolean;
}

/** The machine's state in one word. */
export function printableOf(instance: VirtualMachineInstance | undefined, next: Next): PrintableStatus {
  const waiting = next.failing ? "CrashLoopBackOff" : "Starting";
  if (instance === undefined) {
    if (next.action === "none") return "Stopped";
    return next.waitMs > 0 ? waiting : "Starting";
  }
  const { status = {}, metadata } = instance;
  if (isFinal(status.phase)) return next.rerun ? waiting : "Stopped";
  if (metadata.deletionTimestamp !== undefined || next.action === "delete") return "Stopping";
  return presentWord(status);
}

function presentWord(status: InstanceStatus): PrintableStatus {
  if (status.phase === "Running") return isPaused(status) ? "Paused" : "Running";
  return status.phase === "Unknown" ? "Unknown" : startingWord(status);
}

function isPaused({ conditions = [] }: InstanceStatus): boolean {
  return conditions.some(({ type, status }) => type === InstanceCondition.Paused && status === "True");
}

/** Words for what an instance waits for, by its reason. */
const waitingWords: Record<string, PrintableStatus> = {
  [PhaseReason.Unschedulable]: "ErrorUnschedulable",
  [PhaseReason.ErrImagePull]: "ErrImagePull",
  [PhaseReason.ImagePullBackOff]: "ImagePullBackOff",
  ErrImageNeverPull: "ErrImagePull",
  ErrImageVolumePull: "ErrImagePull",
  InvalidImageName: "ErrImagePull",
  RegistryUnavailable: "ErrImagePull",
  [LauncherReason.ClaimNotFound]: "ErrorPvcNotFound",
};

function startingWord({ phase, reason }: InstanceStatus): PrintableStatus {
  if (reason === undefined) return "Starting";
  return waitingWords[reason] ?? (phase === "Pending" ? "Provisioning" : "Starting");
}

/** Why no instance of a machine runs, in a sentence. */
export function restingOf({
  printableStatus,
  lastRun,
  startFailure,
  runStrategy,
}: VirtualMachineStatus): string {
  const ended = lastRun?.reason === undefined ? "" : ` (${lastRun.reason})`;
  if (printableStatus === "CrashLoopBackOff") {
    return `the last run failed${ended}; the next one starts at ${startFailure?.retryAfterTimestamp ?? ""}`;
  }
  if (printableStatus !== "Stopped") return "the instance does not run yet";
  if (runStrategy === "Halted") return "runStrategy is Halted";
  if (lastRun?.reason === STOP_REQUESTED) return "it was stopped by request";
  return lastRun === undefined ? "no run was requested" : `the last run is over${ended}`;
}
