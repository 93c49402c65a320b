import { rmSync, writeFileSync } from "node:fs";
import { PAUSED_MESSAGE, RESUMED_MESSAGE } from "../../launch-plan/pod-contract.ts";
import type { DomainEvent } from "../hypervisor/domain-event.ts";
import { log } from "../log.ts";
import { wakeProbe } from "./started.ts";

/** Why the guest is paused; there while it is. The probe prints it. */
const PAUSED_FILE = "/tmp/nestlet-paused";

/** Tells the log and the probe when the guest's processors stop, whoever stopped them, and when they go on. */
export class PauseSign {
  readonly #show: (reason: string | undefined) => void;
  #reason: string | undefined;

  /** @param show given the reason of a pause, and undefined when it is over */
  constructor(show: (reason: string | undefined) => void = showPause) {
    this.#show = show;
  }

  /** To be given every event of the domain. A domain that starts is told of as resumed, too. */
  observe(event: DomainEvent): void {
    if (event.type !== "Suspended" && event.type !== "Resumed") return;
    const reason = pauseReasonOf(event);
    // Only the look of whoever explained it knows better than the event, which may be told twice.
    if (reason === "IOError" && this.#reason === "NoSpace") return;
    this.#turn(reason);
  }

  /** A pause that is known to have a better reason than the event gave. */
  explain(reason: string): void {
    if (this.#reason !== undefined) this.#turn(reason);
  }

  #turn(reason: string | undefined): void {
    if (reason === this.#reason) return;
    this.#reason = reason;
    this.#show(reason);
  }
}

/** In one word, as the reason of the condition Paused; undefined when the event is no pause. */
export function pauseReasonOf(event: DomainEvent): string | undefined {
  if (event.type !== "Suspended") return undefined;
  return event.detail === "Paused" ? "User" : event.detail;
}

function showPause(reason: string | undefined): void {
  if (reason === undefined) {
    log.info(RESUMED_MESSAGE);
    rmSync(PAUSED_FILE, { force: true });
  } else {
    log.info(PAUSED_MESSAGE, { reason });
    writeFileSync(PAUSED_FILE, `${reason}\n`);
  }
  wakeProbe();
}
