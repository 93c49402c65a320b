import { ClusterCondition } from "../../api/conditions.ts";
import type { ClusterStatus } from "../../api/resources.ts";
import type { EventText } from "../../kube/events.ts";

/** Conditions whose changes are told, with what was being done. */
const told: Record<string, string> = {
  [ClusterCondition.InfrastructureReady]: "StartMembers",
  [ClusterCondition.ControlPlaneInitialized]: "Initialize",
  [ClusterCondition.ControlPlaneReady]: "Observe",
  [ClusterCondition.Ready]: "Observe",
};

/** Reasons that are a step on the way rather than trouble. */
const ordinary = /Starting$|^Initializing$|NotReady$/;

/** The Events that tell of a change of status. */
export function eventsOf(before: ClusterStatus = {}, after: ClusterStatus): EventText[] {
  return (after.conditions ?? []).flatMap(({ type, status, reason, message }): EventText[] => {
    const action = told[type];
    const last = before.conditions?.find((condition) => condition.type === type);
    if (action === undefined || (last?.status === status && last.reason === reason)) return [];
    if (status === "True") return [{ type: "Normal", reason, action, note: `${type}: ${message || "yes"}` }];
    // What makes the whole not ready is told with the part that it is about.
    if (type === ClusterCondition.Ready || ordinary.test(reason)) return [];
    return [{ type: "Warning", reason, action, note: `${type}: ${message}` }];
  });
}
