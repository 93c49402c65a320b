import { INSTANCE_FINALIZER, MACHINE_LABEL } from "../../api/metadata.ts";
import { labelValueOf } from "../../api/names.ts";
import type { VirtualMachine, VirtualMachineInstance } from "../../api/resources.ts";
import type { Draft } from "../../kube/object.ts";
import { controllerOf, controllerRef } from "../../kube/ownership.ts";
import { isFinal } from "../virtual-machine-instance/status.ts";

/** The next run of a machine. It carries its finalizer from birth, which saves a write. */
export function instanceOf(machine: VirtualMachine): Draft<VirtualMachineInstance> {
  const { template } = machine.spec;
  const { namespace, name } = machine.metadata;
  return {
    metadata: {
      namespace,
      name,
      labels: { ...template.metadata?.labels, [MACHINE_LABEL]: labelValueOf(name) },
      annotations: { ...template.metadata?.annotations },
      finalizers: [INSTANCE_FINALIZER],
      ownerReferences: [controllerRef(machine)],
    },
    spec: template.spec,
  };
}

/** Whether an instance without owner was a run of a machine of this name, which was deleted without its instance. */
export function isOrphanOf(machine: VirtualMachine, instance: VirtualMachineInstance): boolean {
  const { labels, deletionTimestamp } = instance.metadata;
  return (
    controllerOf(instance) === undefined &&
    deletionTimestamp === undefined &&
    labels?.[MACHINE_LABEL] === labelValueOf(machine.metadata.name)
  );
}

/** Whether an instance has not ended and is not being ended. */
export function isActive({ metadata, status }: VirtualMachineInstance): boolean {
  return metadata.deletionTimestamp === undefined && !isFinal(status?.phase);
}
