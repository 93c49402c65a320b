import { writeFileSync } from "node:fs";
import { TERMINATION_MESSAGE_PATH, type Ending, type EndingReason } from "../../launch-plan/pod-contract.ts";
import { LibvirtError } from "../hypervisor/libvirt-error.ts";
import { StoppedBeforeStart } from "./stop-signal.ts";
import type { StoppedDetail } from "../hypervisor/domain-event.ts";

/** Kubernetes cuts a termination message at 4096 bytes; a cut JSON document would say nothing. */
const LONGEST_MESSAGE = 3000;

/** What is known of a domain at the moment it stops. */
export interface LastMoments {
  detail: StoppedDetail;
  /** What qemu said last, if it complained. */
  lastWords?: string | undefined;
  /** The kernel told of its panic. */
  panicked: boolean;
  /** The guest's watchdog ends qemu, without a word, when it runs out. */
  watchdogEnds?: boolean;
  /** qemu was told to end by a signal. */
  signalled: boolean;
  /** Nestlet asked it to stop (SIGTERM). */
  stopRequested: boolean;
  /** Nestlet destroyed it because the grace period was over; with a grace period of 0 nothing was over. */
  graceExpired: boolean;
}

/** Why the launcher ends, from how its domain stopped. */
export function endingOf(last: LastMoments): Omit<Ending, "acceleration"> {
  if (last.panicked) return { reason: "Crashed", message: "The guest's kernel panicked." };
  switch (last.detail) {
    case "Shutdown":
      return shutDown(last);
    case "Destroyed":
      return destroyed(last);
    case "Crashed":
      return { reason: "Crashed", message: "The guest crashed." };
    case "Migrated":
    case "Saved":
    case "Failed":
    case "FromSnapshot":
      return { reason: "Crashed", message: qemuDeath(last) };
  }
}

function qemuDeath({ lastWords, watchdogEnds }: LastMoments): string {
  if (lastWords !== undefined) return `qemu died under the guest saying: ${lastWords}`;
  const killed = "it was killed, perhaps for lack of memory.";
  return watchdogEnds === true
    ? `qemu ended without a word: the guest no longer set its watchdog back, which has the action poweroff, or ${killed}`
    : `qemu died under the guest without a word: ${killed}`;
}

function shutDown({ stopRequested, signalled }: LastMoments): { reason: EndingReason; message: string } {
  if (stopRequested) return { reason: "Stopped", message: "The guest shut down as it was asked to." };
  return signalled
    ? { reason: "Killed", message: "Someone ended qemu by a signal, from inside the pod or on its node." }
    : { reason: "GuestShutdown", message: "The guest powered itself off." };
}

function destroyed({ stopRequested, graceExpired }: LastMoments): { reason: EndingReason; message: string } {
  if (!stopRequested)
    return { reason: "Killed", message: "Someone destroyed the domain from inside the pod." };
  return graceExpired
    ? {
        reason: "Killed",
        message: "The guest did not shut down within its terminationGracePeriodSeconds and was destroyed.",
      }
    : {
        reason: "Stopped",
        message: "The guest was destroyed at once: its grace period is 0, or the stop was forced.",
      };
}

/** Why the launcher ends when the guest never ran. */
export function endingOfFailure(error: unknown): Ending {
  if (error instanceof StoppedBeforeStart) {
    return { reason: "Stopped", message: "It was asked to stop before the guest ran." };
  }
  if (error instanceof LibvirtError) {
    return { reason: "StartFailed", message: `libvirt refuses the domain: ${error.message}` };
  }
  return { reason: "StartFailed", message: error instanceof Error ? error.message : String(error) };
}

/** Leaves the ending where Kubernetes picks it up. */
export function writeTerminationMessage(ending: Ending): void {
  const message = ending.message.slice(0, LONGEST_MESSAGE);
  writeFileSync(TERMINATION_MESSAGE_PATH, JSON.stringify({ ...ending, message }));
}
