import { LauncherReason } from "../../api/conditions.ts";
import type { InstanceSpec, VirtualMachineInstance } from "../../api/resources.ts";
import type { Client } from "../../kube/client.ts";
import { configMaps, secrets, type ConfigMap, type Secret } from "../../kube/object.ts";
import type { InitDataReference } from "../launcher-pod/init-data-reference.ts";
import { initDataReferencesOf } from "../launcher-pod/init-data.ts";
import { sshKeyReferencesOf } from "../launcher-pod/ssh-keys.ts";
import type { Obstacle } from "./status.ts";

/**
 * What is missing of the Secrets and ConfigMaps that the pod would mount. The kubelet would only try in vain and say so in Events; here
 * the instance waits without a pod.
 */
export async function missingInitData(
  client: Client,
  instance: VirtualMachineInstance,
): Promise<Obstacle | undefined> {
  const { namespace } = instance.metadata;
  for (const [user, reference] of usesOf(instance.spec)) {
    const problem = await problemOf(client, namespace, reference);
    if (problem !== undefined) return obstacle(user, reference.kind, problem);
  }
  return undefined;
}

/** What of the spec refers to what. */
function usesOf(spec: InstanceSpec): [string, InitDataReference][] {
  const volumes = (spec.volumes ?? []).flatMap((volume) =>
    initDataReferencesOf(volume).map((reference): [string, InitDataReference] => [
      `volume ${volume.name}`,
      reference,
    ]),
  );
  const keys = sshKeyReferencesOf(spec).map((reference): [string, InitDataReference] => [
    "accessCredentials",
    reference,
  ]);
  return [...volumes, ...keys];
}

async function problemOf(
  client: Client,
  namespace: string,
  { kind, name, keys }: InitDataReference,
): Promise<string | undefined> {
  const found = await client.find(kind === "Secret" ? secrets : configMaps, namespace, name);
  if (found === undefined) return `${kind} ${namespace}/${name} does not exist`;
  const there = Object.keys({ ...found.data, ...binaryDataOf(found) });
  if (keys.length === 0) return there.length > 0 ? undefined : `${kind} ${namespace}/${name} is empty`;
  if (keys.some((key) => there.includes(key))) return undefined;
  return `${kind} ${namespace}/${name} has no key ${keys.map((key) => `"${key}"`).join(" or ")}`;
}

function binaryDataOf(object: Secret | ConfigMap): ConfigMap["binaryData"] {
  return "binaryData" in object ? object.binaryData : {};
}

function obstacle(user: string, kind: InitDataReference["kind"], what: string): Obstacle {
  return {
    reason: kind === "Secret" ? LauncherReason.SecretNotFound : LauncherReason.ConfigMapNotFound,
    message: `${user}: ${what}; the instance starts by itself once it is there`,
  };
}
