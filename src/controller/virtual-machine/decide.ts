import {
  InstanceCondition,
  MachineCondition,
  MachineReadyReason,
  ReadyReason,
} from "../../api/conditions.ts";
import type {
  RunStrategy,
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineStatus,
} from "../../api/resources.ts";
import { updateConditions, type ConditionState } from "../../kube/conditions.ts";
import { isFinal } from "../virtual-machine-instance/status.ts";
import { isActive } from "./instance.ts";
import { remember, runsWellInMs, withRequests, type Memory } from "./memory.ts";
import { printableOf, restingOf, type Next } from "./printable.ts";
import { pendingRequests, type StateChangeRequest } from "./request.ts";
import { restartRequired } from "./restart-required.ts";
import { runStrategyOf, wantsRun } from "./run-strategy.ts";

export type Action = Next["action"];

/** What to do about the machine's instance, after the status has been stored. */
export interface Decision {
  action: Action;
  status: VirtualMachineStatus;
  /** When to look again though nothing has changed. */
  requeueAfterMs?: number;
}

/** Runs of a guest that ends at once begin no closer together than this. */
export const runIntervalMs = 10_000;

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
  const asked = strategy === "Halted" ? [] : (machine.status?.stateChangeRequests ?? []);
  const remembered = remember(machine.status ?? {}, strategy, instance, { nowMs, chance });
  const memory = withRequests(remembered, asked, nowMs);
  const requests = pendingRequests(asked, instance);
  const starts = requests.some(({ action }) => action === "Start");
  const rerun = starts || wantsRun(strategy, memory.lastRun);
  const action = actionOf(strategy, rerun, requests, instance);
  const waitMs = starts || action !== "create" ? 0 : Math.max(0, nextStartMs(memory, nowMs) - nowMs);
  const next = { action, rerun, waitMs, failing: memory.startFailure !== undefined };
  const requeueAfterMs = lookAgainMs(memory, instance, waitMs, nowMs);
  const status = {
    ...memory,
    ...(requests.length === 0 ? {} : { stateChangeRequests: requests }),
    printableStatus: printableOf(instance, next),
    runStrategy: strategy,
  };
  return {
    action: waitMs > 0 ? "none" : action,
    status: statusOf(machine, instance, status, nowMs),
    ...(requeueAfterMs === undefined ? {} : { requeueAfterMs }),
  };
}

function lookAgainMs(
  { startFailure }: Memory,
  instance: VirtualMachineInstance | undefined,
  waitMs: number,
  nowMs: number,
): number | undefined {
  if (waitMs > 0) return waitMs;
  if (startFailure === undefined || isFinal(instance?.status?.phase)) return undefined;
  return runsWellInMs(instance, nowMs);
}

function actionOf(
  strategy: RunStrategy,
  rerun: boolean,
  requests: readonly StateChangeRequest[],
  instance: VirtualMachineInstance | undefined,
): Action {
  if (instance === undefined) return rerun ? "create" : "none";
  if (instance.metadata.deletionTimestamp !== undefined) return "none";
  if (strategy === "Halted" || requests.some(({ action }) => action === "Stop")) return "delete";
  return isFinal(instance.status?.phase) && rerun ? "delete" : "none";
}

function nextStartMs({ lastRun, startFailure }: Memory, nowMs: number): number {
  const retry = startFailure?.retryAfterTimestamp;
  if (retry !== undefined) return Date.parse(retry);
  // A run whose end was not seen was ended by somebody, not by its guest: there is no loop to slow down.
  if (lastRun?.phase === undefined || lastRun.startTime === undefined) return nowMs;
  return Date.parse(lastRun.startTime) + runIntervalMs;
}

type Own = Memory & Pick<VirtualMachineStatus, "printableStatus" | "runStrategy" | "stateChangeRequests">;

function statusOf(
  machine: VirtualMachine,
  instance: VirtualMachineInstance | undefined,
  own: Own,
  nowMs: number,
): VirtualMachineStatus {
  const { generation } = machine.metadata;
  const { lastRequest, conditions } = machine.status ?? {};
  const ready = readyOf(instance, own);
  const stale = instance !== undefined && isActive(instance) ? restartRequired(machine, instance) : undefined;
  const states = stale === undefined ? [ready] : [ready, stale];
  return {
    ...own,
    ...(lastRequest === undefined ? {} : { lastRequest }),
    created: instance !== undefined,
    ready: ready.status === "True",
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    conditions: updateConditions(conditions, states, generation, new Date(nowMs).toISOString()),
  };
}

/** As the instance's; without one it says why there is none. */
function readyOf(instance: VirtualMachineInstance | undefined, own: Own): ConditionState {
  const type = MachineCondition.Ready;
  const condition = instance?.status?.conditions?.find((one) => one.type === InstanceCondition.Ready);
  if (condition !== undefined) {
    return { type, status: condition.status, reason: condition.reason, message: condition.message };
  }
  // As it will say of itself when its pod is made, so that this need not be written twice.
  if (instance !== undefined && isActive(instance)) {
    return { type, status: "False", reason: ReadyReason.GuestNotRunning, message: "" };
  }
  const backsOff = own.printableStatus === "CrashLoopBackOff";
  const reason = backsOff ? MachineReadyReason.CrashLoopBackOff : MachineReadyReason.InstanceNotRunning;
  return { type, status: "False", reason, message: restingOf(own) };
}
