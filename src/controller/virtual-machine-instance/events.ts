import type { InstanceStatus } from "../../api/resources.ts";
import type { EventText } from "../../kube/events.ts";

/** The Event that tells of a change of status, if it is one to tell of. */
export function eventOf(before: InstanceStatus | undefined, after: InstanceStatus): EventText | undefined {
  if (before?.phase === after.phase && before?.reason === after.reason) return undefined;
  const { phase, reason, message = "" } = after;
  switch (phase) {
    case "Running":
      return {
        type: "Normal",
        reason: "Started",
        action: "Start",
        note: `the guest runs on node ${after.nodeName ?? ""}`,
      };
    case "Succeeded":
      return { type: "Normal", reason: reason ?? "Succeeded", action: "End", note: message };
    case "Failed":
      return { type: "Warning", reason: reason ?? "Failed", action: "End", note: message };
    default:
      return reason === undefined ? undefined : { type: "Warning", reason, action: "Start", note: message };
  }
}
