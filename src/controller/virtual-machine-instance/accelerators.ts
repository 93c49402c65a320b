import type { InstanceStatus, VirtualMachineInstance } from "../../api/resources.ts";
import { launcherPodName } from "../../api/names.ts";
import type { Clock } from "../../kube/clock.ts";
import { keyOf, type Pod } from "../../kube/object.ts";
import { ACCELERATION_MESSAGE } from "../../launch-plan/pod-contract.ts";
import { launcherWords, type ReadLog } from "../launcher-log.ts";
import { podStateOf } from "./pod-state.ts";
import { hasRun } from "./status.ts";

/** What runs a guest's processors, as the status has it. */
export type Accelerator = NonNullable<InstanceStatus["accelerator"]>;

/** What is known of an instance's accelerator, and what is to be done about it. */
export interface AcceleratorView {
  accelerator?: Accelerator;
  /** When to look again. */
  againMs?: number;
  /** The log is being read, and Running can wait for that. */
  looking: boolean;
}

/** So long Running waits for what the log says, at most. */
const patienceMs = 500;
/** A log is read within some tens of milliseconds where nothing is amiss. */
const readingMs = 20;
/** One that comes late is seen so much later, at most. */
const lateMs = 1_000;
const readsAtOnce = 16;
/** As the schema of the status has it. */
const longestReason = 1024;

interface Look {
  uid: string;
  sinceMs: number;
  state: "waiting" | "reading" | "over";
  found?: Accelerator;
}

/**
 * Only the launcher knows what its guest runs on, and only its log tells that before its end. It is read once, when the
 * guest is first seen running, in the background. A node that does not answer in time does not hold Running up: the
 * accelerator is then told when the answer comes, or, where none comes, when the launcher ends.
 */
export class Accelerators {
  readonly #read: ReadLog;
  readonly #clock: Clock;
  /** By the instance's key, from when its guest is first seen running until it is known what it runs on, or will not be. */
  readonly #looks = new Map<string, Look>();
  #reading = 0;

  constructor(read: ReadLog, clock: Clock) {
    this.#read = read;
    this.#clock = clock;
  }

  view(instance: VirtualMachineInstance, pod: Pod): AcceleratorView {
    const look = this.#lookOf(instance, pod);
    if (look === undefined) return { looking: false };
    if (look.found !== undefined) return { accelerator: look.found, looking: false };
    if (look.state === "over") return { looking: false };
    const waitedMs = this.#clock.now() - look.sinceMs;
    const leftMs = patienceMs - waitedMs;
    if (!hasRun(instance.status) && leftMs > 0) {
      return { looking: true, againMs: Math.min(leftMs, Math.max(readingMs, waitedMs / 2)) };
    }
    return look.state === "reading" ? { looking: false, againMs: lateMs } : { looking: false };
  }

  forget(key: string): void {
    this.#looks.delete(key);
  }

  #lookOf(instance: VirtualMachineInstance, pod: Pod): Look | undefined {
    const key = keyOf(instance);
    const { uid } = instance.metadata;
    const known = this.#looks.get(key);
    const current = known?.uid === uid ? known : undefined;
    const begun = hasRun(instance.status);
    if (!isWanted(instance, pod) || (begun && isVain(current))) {
      this.#looks.delete(key);
      return undefined;
    }
    const look = current ?? { uid, sinceMs: this.#clock.now(), state: "waiting" };
    this.#looks.set(key, look);
    if (look.state === "waiting" && this.#reading < readsAtOnce) this.#look(instance, look);
    return look;
  }

  #look({ metadata }: VirtualMachineInstance, look: Look): void {
    look.state = "reading";
    this.#reading++;
    void this.#read(metadata.namespace, launcherPodName(metadata))
      .then((log) => {
        const found = acceleratorIn(log);
        if (found !== undefined) look.found = found;
      })
      // The node may be busy, or have no log.
      .catch(() => undefined)
      .finally(() => {
        look.state = "over";
        this.#reading--;
      });
  }
}

/** Whether the guest runs and nobody has said on what. */
function isWanted({ status }: VirtualMachineInstance, pod: Pod): boolean {
  return (
    status?.accelerator === undefined &&
    pod.metadata.deletionTimestamp === undefined &&
    podStateOf(pod).phase === "Running"
  );
}

/** Whether nothing is to be hoped for of a look, once Running has been told. */
function isVain(look: Look | undefined): boolean {
  return look === undefined || (look.state !== "reading" && look.found === undefined);
}

/** What the launcher said first; undefined where the log does not begin at its beginning. */
export function acceleratorIn(log: string): Accelerator | undefined {
  for (const line of log.split("\n")) {
    const found = acceleratorOf(line);
    if (found !== undefined) return found;
  }
  return undefined;
}

function acceleratorOf(line: string): Accelerator | undefined {
  const { msg, accelerator, obstacle } = launcherWords(line) ?? {};
  if (msg !== ACCELERATION_MESSAGE || (accelerator !== "kvm" && accelerator !== "tcg")) return undefined;
  return {
    type: accelerator,
    ...(typeof obstacle === "string" && obstacle !== "" ? { reason: obstacle.slice(0, longestReason) } : {}),
  };
}
