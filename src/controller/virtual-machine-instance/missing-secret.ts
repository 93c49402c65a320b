import { LauncherReason } from "../../api/conditions.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { Client } from "../../kube/client.ts";
import { secrets } from "../../kube/object.ts";
import type { Obstacle } from "./status.ts";

/**
 * What is missing of the Secrets that the pod would mount. The kubelet would only try in vain and say so in Events; here
 * the instance waits without a pod.
 */
export async function missingSecret(
  client: Client,
  instance: VirtualMachineInstance,
): Promise<Obstacle | undefined> {
  const { namespace } = instance.metadata;
  for (const volume of instance.spec.volumes ?? []) {
    const reference = volume.ignition?.secretRef;
    if (reference === undefined) continue;
    const key = reference.key ?? "userdata";
    const secret = await client.find(secrets, namespace, reference.name);
    if (secret === undefined)
      return obstacle(volume.name, `Secret ${namespace}/${reference.name} does not exist`);
    if (secret.data?.[key] === undefined) {
      return obstacle(volume.name, `Secret ${namespace}/${reference.name} has no key "${key}"`);
    }
  }
  return undefined;
}

function obstacle(volume: string, what: string): Obstacle {
  return {
    reason: LauncherReason.SecretNotFound,
    message: `volume ${volume}: ${what}; the instance starts by itself once it is there`,
  };
}
