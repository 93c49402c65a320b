import { MachineCondition, RECONCILIATION_PAUSED } from "../../api/conditions.ts";
import { PAUSED_ANNOTATION } from "../../api/metadata.ts";
import type { VirtualMachine, VirtualMachineInstance, VirtualMachineStatus } from "../../api/resources.ts";
import { updateConditions } from "../../kube/conditions.ts";
import { decide } from "./decide.ts";

/**
 * The status of a machine that is left alone: as it is, where nothing would be done about it anyway, and the last one
 * where something would; with a condition that says so in either case.
 * @param instance the machine's own instance, if there is one
 */
export function heldStatus(
  machine: VirtualMachine,
  instance: VirtualMachineInstance | undefined,
  nowMs: number,
): VirtualMachineStatus {
  const { deletionTimestamp, generation } = machine.metadata;
  const { action, status } = decide(machine, instance, nowMs, 0);
  const { conditions = [], ...known } =
    deletionTimestamp !== undefined || action !== "none" ? (machine.status ?? {}) : status;
  const waits =
    deletionTimestamp !== undefined ? "it is not deleted" : `to ${action} its instance has to wait`;
  const held = {
    type: MachineCondition.ReconciliationPaused,
    status: "True",
    reason: RECONCILIATION_PAUSED,
    message:
      `the annotation ${PAUSED_ANNOTATION} is set, so nothing is done about the machine` +
      `${deletionTimestamp === undefined && action === "none" ? "" : ` (${waits})`}; remove it to go on`,
  } as const;
  const previous = machine.status?.conditions;
  const now = new Date(nowMs).toISOString();
  const others = conditions.filter(({ type }) => type !== held.type);
  return { ...known, conditions: [...others, ...updateConditions(previous, [held], generation, now)] };
}
