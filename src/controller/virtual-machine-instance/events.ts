import type { InstanceStatus } from "../../api/resources.ts";
import type { EventText } from "../../kube/events.ts";

/** The Event that tells of a change of status, if it is one to tell of. */
export function eventOf(before: InstanceStatus = {}, after: InstanceStatus): EventText | undefined {
  if (before.phase === after.phase && before.reason === after.reason) return undefined;
  const { phase, reason, message: note = "" } = after;
  if (phase === "Running") {
    return {
      type: "Normal",
      reason: "Started",
      action: "Start",
      note: `the guest runs on node ${after.nodeName ?? ""}${accelerationNote(after)}`,
    };
  }
  if (phase === "Succeeded") return { type: "Normal", reason: reason ?? phase, action: "End", note };
  if (phase === "Failed") return { type: "Warning", reason: reason ?? phase, action: "End", note };
  return reason === undefined ? undefined : { type: "Warning", reason, action: "Start", note };
}

/** Nothing where it is not known. */
function accelerationNote({ accelerator }: InstanceStatus): string {
  if (accelerator === undefined) return "";
  const { type, reason } = accelerator;
  if (type === "kvm") return ", with KVM";
  return reason === undefined ? ", emulated" : `, emulated because KVM is not usable: ${reason}`;
}
