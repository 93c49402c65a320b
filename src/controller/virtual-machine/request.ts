import { REQUEST_ANNOTATION } from "../../api/metadata.ts";
import type {
  RunStrategy,
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineStatus,
} from "../../api/resources.ts";
import type { EventText } from "../../kube/events.ts";
import { isFinal } from "../virtual-machine-instance/status.ts";
import { isActive } from "./instance.ts";
import { runStrategyOf, wantsRun } from "./run-strategy.ts";

export type StateChangeRequest = NonNullable<VirtualMachineStatus["stateChangeRequests"]>[number];

/** What comes of a request: the status that keeps it, and the Event that tells of it. */
export interface Verdict {
  status: VirtualMachineStatus;
  event: EventText;
}

const actions = ["start", "stop", "restart"] as const;
type Action = (typeof actions)[number];

/**
 * Judges the request in the machine's annotation; undefined where there is none. One that is accepted is kept in the
 * status until it is done, whatever becomes of the controller meanwhile.
 * @param instance the machine's own instance, if there is one
 */
export function verdictOn(
  machine: VirtualMachine,
  instance: VirtualMachineInstance | undefined,
  nowMs: number,
): Verdict | undefined {
  const requested = machine.metadata.annotations?.[REQUEST_ANNOTATION];
  if (requested === undefined) return undefined;
  const action = actions.find((known) => known === requested);
  const answer =
    action === undefined
      ? `"${requested.slice(0, 64)}" is not known; write start, stop or restart`
      : judges[action]({ machine, instance, strategy: runStrategyOf(machine) });
  const base = { action: requested.slice(0, 64), time: new Date(nowMs).toISOString() };
  const { stateChangeRequests: before, ...status } = machine.status ?? {};
  if (typeof answer !== "string") {
    const lastRequest = { ...base, accepted: true };
    return {
      status: { ...status, ...(answer.length === 0 ? {} : { stateChangeRequests: answer }), lastRequest },
      event: eventOf("Normal", "RequestAccepted", `${requested} was requested`),
    };
  }
  const message = `the request to ${requested.slice(0, 64)} is refused: ${answer}`;
  return {
    status: {
      ...status,
      ...(before === undefined ? {} : { stateChangeRequests: before }),
      lastRequest: { ...base, accepted: false, message: message.slice(0, 1024) },
    },
    event: eventOf("Warning", "RequestRefused", message),
  };
}

/** Requests that are not done yet: to stop an instance that is there, to start one after the one that was. */
export function pendingRequests(
  requests: readonly StateChangeRequest[],
  instance: VirtualMachineInstance | undefined,
): StateChangeRequest[] {
  const present = instance?.metadata.uid;
  return requests.filter(({ action, uid }) =>
    action === "Stop" ? present !== undefined && present === uid : present === undefined || present === uid,
  );
}

function eventOf(type: EventText["type"], reason: string, note: string): EventText {
  return { type, reason, action: "Request", note };
}

interface Situation {
  machine: VirtualMachine;
  instance: VirtualMachineInstance | undefined;
  strategy: RunStrategy;
}

/** Each gives what to do, or the reason of a refusal with the remedy. */
const judges: Record<Action, (situation: Situation) => StateChangeRequest[] | string> = {
  start: (situation) => {
    const { machine, strategy } = situation;
    if (strategy === "Halted") return `runStrategy is Halted; set another: ${patchOf(machine, true)}`;
    if (isStarted(situation)) return "it has been started already; request restart to have it started anew";
    if (strategy === "Once" && machine.status?.lastRun !== undefined) {
      return "runStrategy is Once and its one run is over; set runStrategy to Manual to start it by request";
    }
    return [request("Start", situation)];
  },
  stop: (situation) => {
    const { machine, strategy } = situation;
    if (strategy === "Halted") return "runStrategy is Halted: it is stopped already, or about to be";
    if (strategy === "Always") {
      return `runStrategy is Always, which would start it again; set Halted: ${patchOf(machine, false)}`;
    }
    return stopped(situation);
  },
  restart: (situation) => {
    const { machine, strategy } = situation;
    if (strategy === "Halted") return `runStrategy is Halted; set another: ${patchOf(machine, true)}`;
    if (strategy === "Once") return "runStrategy is Once, which allows no second run; set it to Manual";
    if (!isStarted(situation)) return "it is not running; request start";
    return [request("Stop", situation), request("Start", situation)];
  },
};

function stopped(situation: Situation): StateChangeRequest[] | string {
  const { machine, instance, strategy } = situation;
  const { lastRun, stateChangeRequests = [] } = machine.status ?? {};
  const wanted = wantsRun(strategy, lastRun);
  const stop = request("Stop", situation);
  if (wanted && stop.uid === undefined) {
    return `it has not run yet; set runStrategy to Halted: ${patchOf(machine, false)}`;
  }
  if (wanted || (instance !== undefined && !isFinal(instance.status?.phase))) return [stop];
  // A start that has not begun is called off.
  return stateChangeRequests.length > 0 ? [] : "it is stopped already";
}

function request(action: StateChangeRequest["action"], { machine, instance }: Situation): StateChangeRequest {
  const uid = instance?.metadata.uid ?? machine.status?.lastRun?.uid;
  return { action, ...(uid === undefined ? {} : { uid }) };
}

function isStarted({ instance }: Situation): boolean {
  return instance !== undefined && isActive(instance);
}

/** How to set a run strategy, under the name that the machine uses for it. */
function patchOf({ metadata, spec }: VirtualMachine, run: boolean): string {
  const change = spec.running === undefined ? { runStrategy: run ? "Always" : "Halted" } : { running: run };
  return (
    `kubectl patch vm ${metadata.name} --namespace ${metadata.namespace} --type=merge ` +
    `-p '${JSON.stringify({ spec: change })}'`
  );
}
