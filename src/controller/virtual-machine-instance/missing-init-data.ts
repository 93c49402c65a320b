import { LauncherReason } from "../../api/conditions.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { Client } from "../../kube/client.ts";
import { secrets } from "../../kube/object.ts";
import { initDataReferencesOf, type InitDataReference } from "../launcher-pod/init-data.ts";
import type { Obstacle } from "./status.ts";

/**
 * What is missing of the Secrets that the pod would mount. The kubelet would only try in vain and say so in Events; here
 * the instance waits without a pod.
 */
export async function missingInitData(
  client: Client,
  instance: VirtualMachineInstance,
): Promise<Obstacle | undefined> {
  const { namespace } = instance.metadata;
  for (const volume of instance.spec.volumes ?? []) {
    for (const reference of initDataReferencesOf(volume)) {
      const problem = await problemOf(client, namespace, reference);
      if (problem !== undefined) return obstacle(volume.name, problem);
    }
  }
  return undefined;
}

async function problemOf(
  client: Client,
  namespace: string,
  { kind, name, keys }: InitDataReference,
): Promise<string | undefined> {
  const secret = await client.find(secrets, namespace, name);
  if (secret === undefined) return `${kind} ${namespace}/${name} does not exist`;
  if (keys.some((key) => secret.data?.[key] !== undefined)) return undefined;
  return `${kind} ${namespace}/${name} has no key ${keys.map((key) => `"${key}"`).join(" or ")}`;
}

function obstacle(volume: string, what: string): Obstacle {
  return {
    reason: LauncherReason.SecretNotFound,
    message: `volume ${volume}: ${what}; the instance starts by itself once it is there`,
  };
}
