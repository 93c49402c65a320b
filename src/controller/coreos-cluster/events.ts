import { ClusterCondition, ClusterReason } from "../../api/conditions.ts";
import type { ClusterStatus } from "../../api/resources.ts";
import type { EventText } from "../../kube/events.ts";

/** Conditions whose changes are told, with what was being done. */
const told: Record<string, string> = {
  [ClusterCondition.InfrastructureReady]: "StartMembers",
  [ClusterCondition.ControlPlaneInitialized]: "Initialize",
  [ClusterCondition.ControlPlaneReady]: "Observe",
  [ClusterCondition.EndpointReady]: "Expose",
  [ClusterCondition.ManifestsApplied]: "ApplyManifests",
  [ClusterCondition.Ready]: "Observe",
};

/** Reasons that are a step on the way rather than trouble. */
const ordinary = /Starting$|^Initializing$|^Applying|NotReady$|Pending$/;

type Condition = NonNullable<ClusterStatus["conditions"]>[number];

/** The Events that tell of a change of status. */
export function eventsOf(before: ClusterStatus = {}, after: ClusterStatus): EventText[] {
  return (after.conditions ?? []).flatMap((condition) => {
    const last = before.conditions?.find(({ type }) => type === condition.type);
    return eventOf(last, condition) ?? [];
  });
}

function eventOf(last: Condition | undefined, condition: Condition): EventText | undefined {
  const { type, status, reason, message } = condition;
  if (reason === ClusterReason.BootstrapFailed) return bootstrapEvent(last, condition);
  const action = told[type];
  if (action === undefined || (last?.status === status && last.reason === reason)) return undefined;
  if (status === "True") return { type: "Normal", reason, action, note: `${type}: ${message || "yes"}` };
  // What makes the whole not ready is told with the part that it is about.
  if (type === ClusterCondition.Ready || ordinary.test(reason)) return undefined;
  return { type: "Warning", reason, action, note: `${type}: ${message}` };
}

/** Each failure that is a new one is told, whichever part it is about. */
function bootstrapEvent(
  last: Condition | undefined,
  { type, reason, message }: Condition,
): EventText | undefined {
  if (type === ClusterCondition.Ready || last?.message === message) return undefined;
  return { type: "Warning", reason, action: "Bootstrap", note: message };
}
