import { INSTANCE_LABEL } from "../../api/metadata.ts";
import { labelValueOf, launcherPodName } from "../../api/names.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { Draft, PodDisruptionBudget } from "../../kube/object.ts";
import { controllerRef } from "../../kube/ownership.ts";

/**
 * What refuses the eviction of an instance's pod, where its spec asks for that. It goes with the instance: a deletion is
 * no eviction and always goes through.
 */
export function disruptionBudgetOf(instance: VirtualMachineInstance): Draft<PodDisruptionBudget> | undefined {
  const { metadata, spec } = instance;
  if (spec.evictionStrategy !== "External") return undefined;
  const matchLabels = { [INSTANCE_LABEL]: labelValueOf(metadata.name) };
  return {
    metadata: {
      namespace: metadata.namespace,
      name: launcherPodName(metadata),
      labels: matchLabels,
      ownerReferences: [controllerRef(instance)],
    },
    // A number and not a share, for which Kubernetes would have to know how many pods such an owner wants.
    spec: { minAvailable: 1, selector: { matchLabels } },
  };
}
