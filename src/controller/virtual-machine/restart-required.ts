import jsonPatch from "fast-json-patch";
import { MachineCondition, TEMPLATE_CHANGED } from "../../api/conditions.ts";
import { MACHINE_LABEL } from "../../api/metadata.ts";
import type { VirtualMachine, VirtualMachineInstance } from "../../api/resources.ts";
import type { ConditionState } from "../../kube/conditions.ts";

/** As many changed fields as a message names. */
const named = 5;

/**
 * The condition of a machine whose run was made from another template than it has now; undefined where both are the
 * same. Both specs carry the defaults of the same schema, so what differs is what somebody has changed.
 */
export function restartRequired(
  machine: VirtualMachine,
  instance: VirtualMachineInstance,
): ConditionState | undefined {
  const { template } = machine.spec;
  const { labels = {}, annotations = {} } = instance.metadata;
  const changed = [
    ...jsonPatch.compare(instance.spec, template.spec).map(({ path }) => `spec${dotted(path)}`),
    ...differing(labels, template.metadata?.labels).map((key) => `metadata.labels.${key}`),
    ...differing(annotations, template.metadata?.annotations).map((key) => `metadata.annotations.${key}`),
  ].map((path) => `spec.template.${path}`);
  if (changed.length === 0) return undefined;
  const unique = [...new Set(changed)].sort();
  const more = unique.length > named ? ` and ${unique.length - named} more` : "";
  return {
    type: MachineCondition.RestartRequired,
    status: "True",
    reason: TEMPLATE_CHANGED,
    message: `the present run was made without the change of ${unique.slice(0, named).join(", ")}${more}; the next run has it`,
  };
}

/** Keys that the template gives and the instance has not. One that the template no longer gives cannot be told. */
function differing(
  present: Record<string, string>,
  wanted: Record<string, string> | undefined = {},
): string[] {
  return Object.entries(wanted)
    .filter(([key, value]) => key !== MACHINE_LABEL && present[key] !== value)
    .map(([key]) => key);
}

/** A JSON pointer (RFC 6901) as kubectl writes paths. */
function dotted(pointer: string): string {
  return pointer.replaceAll("/", ".").replaceAll("~1", "/").replaceAll("~0", "~");
}
