import { rmSync, writeFileSync } from "node:fs";
import { PAUSED_MESSAGE, RESUMED_MESSAGE } from "../../launch-plan/pod-contract.ts";
import type { DomainEvent } from "../hypervisor/domain-event.ts";
import { log } from "../log.ts";
import { wakeProbe } from "./started.ts";

/** Why the guest is paused; there while it is. The probe prints it. */
const PAUSED_FILE = "/tmp/nestlet-paused";

/** Tells the log and the probe when the guest's processors stop, whoever stopped them, and when they go on. */
export function announcePause(event: DomainEvent): void {
  const reason = pauseReasonOf(event);
  if (reason !== undefined) {
    log.info(PAUSED_MESSAGE, { reason });
    writeFileSync(PAUSED_FILE, `${reason}\n`);
  } else if (event.type === "Resumed") {
    log.info(RESUMED_MESSAGE);
    rmSync(PAUSED_FILE, { force: true });
  } else {
    return;
  }
  wakeProbe();
}

/** In one word, as the reason of the condition Paused; undefined when the event is no pause. */
export function pauseReasonOf(event: DomainEvent): string | undefined {
  if (event.type !== "Suspended") return undefined;
  return event.detail === "Paused" ? "User" : event.detail;
}
