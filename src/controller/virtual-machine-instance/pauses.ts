import { InstanceCondition } from "../../api/conditions.ts";
import { launcherPodName } from "../../api/names.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { Clock } from "../../kube/clock.ts";
import { keyOf, type Pod } from "../../kube/object.ts";
import { PAUSED_MESSAGE, RESUMED_MESSAGE } from "../../launch-plan/pod-contract.ts";
import { launcherWords, type ReadLog } from "../launcher-log.ts";
import { isReady, podStateOf } from "./pod-state.ts";
import { hasRun } from "./status.ts";

/** What a launcher's log says: that the guest is paused and why, or that it goes on. */
export type PauseWord = { reason: string } | "goesOn";

/** What is to be done with an instance, as far as pauses go. */
export interface PauseView {
  /** Why the guest is paused; undefined when it is not, as far as is known. */
  reason?: string;
  /** When to look again. */
  againMs?: number;
  /** The log is being read for the first time: what the status would say now may be wrong in a moment. */
  looking: boolean;
}

const intervalMs = 30_000;
/** While a log is being read, which takes some tens of milliseconds. */
const readingMs = 100;
const readsAtOnce = 4;

interface Look {
  uid: string;
  atMs: number;
  reading: boolean;
  read: boolean;
  word?: PauseWord;
}

/**
 * Nothing in a pod's status says that its guest is paused, but it shows: the pod is not ready. So where a guest that
 * was seen running is not ready, the launcher's log is asked, in the background: a reconciliation waits for no node.
 */
export class Pauses {
  readonly #read: ReadLog;
  readonly #clock: Clock;
  /** By the instance's key, for as long as its pod is not ready. */
  readonly #looks = new Map<string, Look>();
  #reading = 0;

  constructor(read: ReadLog, clock: Clock) {
    this.#read = read;
    this.#clock = clock;
  }

  view(instance: VirtualMachineInstance, pod: Pod): PauseView {
    const { uid } = instance.metadata;
    const key = keyOf(instance);
    if (!mayBePaused(instance, pod)) {
      this.#looks.delete(key);
      return { looking: false };
    }
    const known = this.#looks.get(key);
    const look =
      known?.uid === uid ? known : { uid, atMs: Number.NEGATIVE_INFINITY, reading: false, read: false };
    this.#looks.set(key, look);
    if (this.#clock.now() - look.atMs >= intervalMs && this.#reading < readsAtOnce)
      this.#look(instance, look);
    const reason = reasonOf(look.word, instance);
    return {
      ...(reason === undefined ? {} : { reason }),
      againMs: look.reading ? readingMs : intervalMs,
      looking: look.reading && !look.read,
    };
  }

  forget(key: string): void {
    this.#looks.delete(key);
  }

  #look({ metadata }: VirtualMachineInstance, look: Look): void {
    look.atMs = this.#clock.now();
    look.reading = true;
    this.#reading++;
    void this.#read(metadata.namespace, launcherPodName(metadata))
      .then((log) => {
        const word = pauseWordIn(log);
        if (word !== undefined) look.word = word;
      })
      // The kubelet may be busy, the pod may just be going: nothing new is known.
      .catch(() => undefined)
      .finally(() => {
        look.reading = false;
        look.read = true;
        this.#reading--;
      });
  }
}

/** Whether a guest that was seen running is not ready, and nothing else explains it. */
export function mayBePaused(instance: VirtualMachineInstance, pod: Pod): boolean {
  const leaving = pod.metadata.deletionTimestamp !== undefined;
  if (leaving || isReady(pod) || !hasRun(instance.status)) return false;
  const { phase } = podStateOf(pod);
  return phase === "Running" || phase === "Scheduled";
}

/** The last word on a pause in a launcher's log; undefined when there is none. */
export function pauseWordIn(log: string): PauseWord | undefined {
  for (const line of log.split("\n").reverse()) {
    const word = wordOf(line);
    if (word !== undefined) return word;
  }
  return undefined;
}

function wordOf(line: string): PauseWord | undefined {
  const { msg, reason } = launcherWords(line) ?? {};
  if (msg === RESUMED_MESSAGE) return "goesOn";
  if (msg !== PAUSED_MESSAGE) return undefined;
  return { reason: typeof reason === "string" && /^[A-Za-z]{1,64}$/.test(reason) ? reason : "Unknown" };
}

/** A log that says nothing (any more) leaves what was known. */
function reasonOf(word: PauseWord | undefined, { status }: VirtualMachineInstance): string | undefined {
  if (word === "goesOn") return undefined;
  if (word !== undefined) return word.reason;
  const paused = status?.conditions?.find(({ type }) => type === InstanceCondition.Paused);
  return paused?.status === "True" ? paused.reason : undefined;
}
