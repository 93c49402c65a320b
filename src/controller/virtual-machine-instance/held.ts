import { InstanceCondition, LauncherReason, RECONCILIATION_PAUSED } from "../../api/conditions.ts";
import { PAUSED_ANNOTATION } from "../../api/metadata.ts";
import type { InstanceStatus, VirtualMachineInstance } from "../../api/resources.ts";
import { updateConditions, type ConditionState } from "../../kube/conditions.ts";
import type { KubeObject } from "../../kube/object.ts";

/** Whether somebody has told the controller to leave the object alone. As in Cluster API, the value does not matter. */
export function isHeld({ metadata }: Pick<KubeObject, "metadata">): boolean {
  return metadata.annotations?.[PAUSED_ANNOTATION] !== undefined;
}

/** What an instance that is left alone says of that; its status goes on following its pod. */
export function heldConditions(instance: VirtualMachineInstance): ConditionState[] {
  if (!isHeld(instance)) return [];
  return [
    {
      type: InstanceCondition.ReconciliationPaused,
      status: "True",
      reason: RECONCILIATION_PAUSED,
      message: messageOf(instance),
    },
  ];
}

/** Why an instance that is left alone gets no pod. */
export function heldObstacle(instance: VirtualMachineInstance): { reason: LauncherReason; message: string } {
  return { reason: LauncherReason.ReconciliationPaused, message: messageOf(instance) };
}

/** The status of an instance whose run is over, and which is to go and is left alone. */
export function heldEnd(instance: VirtualMachineInstance, nowMs: number): InstanceStatus {
  const { status = {}, metadata } = instance;
  const { conditions = [] } = status;
  const held = updateConditions(
    conditions,
    heldConditions(instance),
    metadata.generation,
    new Date(nowMs).toISOString(),
  );
  const others = conditions.filter(({ type }) => type !== InstanceCondition.ReconciliationPaused);
  return { ...status, conditions: [...others, ...held] };
}

function messageOf({ metadata, status }: VirtualMachineInstance): string {
  const gets = status?.podName === undefined ? " (it gets no pod)" : "";
  const waits = metadata.deletionTimestamp === undefined ? gets : " (it is not deleted)";
  return `the annotation ${PAUSED_ANNOTATION} is set, so nothing is done about the instance${waits}; remove it to go on`;
}
