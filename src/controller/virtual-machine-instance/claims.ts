import { LauncherReason } from "../../api/conditions.ts";
import { INSTANCE_LABEL } from "../../api/metadata.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { Client } from "../../kube/client.ts";
import {
  persistentVolumeClaims,
  type Draft,
  type PersistentVolumeClaim,
  type Pod,
} from "../../kube/object.ts";
import { controllerOf } from "../../kube/ownership.ts";
import {
  claimFactsOf,
  claimUsesOf,
  type ClaimFacts,
  type Claims,
  type ClaimUse,
} from "../launcher-pod/claims.ts";
import type { Obstacle } from "./status.ts";

/**
 * What the launch needs to know of the instance's claims, or what is wrong with one. The scheduler would say that a
 * claim is missing, too; here the instance waits without a pod.
 */
export async function lookUpClaims(
  client: Client,
  instance: VirtualMachineInstance,
): Promise<{ claims: Claims } | { obstacle: Obstacle }> {
  const claims = new Map<string, ClaimFacts>();
  const { namespace } = instance.metadata;
  for (const use of claimUsesOf(instance.spec)) {
    const claim = await client.find(persistentVolumeClaims, namespace, use.claimName);
    if (claim === undefined) return { obstacle: notFound(use, namespace) };
    const problem = problemOf(claim, use);
    if (problem !== undefined) return { obstacle: unusable(use, namespace, problem) };
    claims.set(use.claimName, claimFactsOf(claim));
  }
  return { claims };
}

/** Why no pod can use a claim that exists; undefined when it may. One that is not bound yet is bound for its pod. */
export function problemOf(
  { metadata, spec, status }: PersistentVolumeClaim,
  { fileSystem }: Pick<ClaimUse, "fileSystem">,
): string | undefined {
  if (metadata.deletionTimestamp !== undefined) return "is being deleted";
  if (status?.phase === "Lost")
    return "has lost its volume; restore the volume, or delete the claim and create it anew";
  if (fileSystem && spec.volumeMode === "Block") {
    return "is a block device, and an overlay is a file; take a claim with volumeMode Filesystem";
  }
  return undefined;
}

/**
 * The claim of an instance that another's pod uses, unless both only read it. The pods tell, not the instances: a pod
 * has its claim until all its containers have ended. Kubernetes itself lets all pods of a node share a ReadWriteOnce
 * claim, but a disk that two guests write to is lost.
 * @param others the launcher pods that are known, in any namespace
 */
export function claimInUse(
  instance: VirtualMachineInstance,
  others: readonly Draft<Pod>[],
): Obstacle | undefined {
  const uses = claimUsesOf(instance.spec);
  if (uses.length === 0) return undefined;
  for (const pod of others) {
    if (pod.metadata.namespace !== instance.metadata.namespace || isOver(pod)) continue;
    if (controllerOf(pod)?.uid === instance.metadata.uid) continue;
    const use = uses.find((each) => usesClaim(pod, each));
    if (use !== undefined) return inUse(use, pod);
  }
  return undefined;
}

function isOver({ status }: Draft<Pod>): boolean {
  return status?.phase === "Succeeded" || status?.phase === "Failed";
}

function usesClaim(pod: Draft<Pod>, { claimName, readOnly }: ClaimUse): boolean {
  return (pod.spec.volumes ?? []).some(({ persistentVolumeClaim: claim }) => {
    return claim?.claimName === claimName && !(readOnly && claim.readOnly === true);
  });
}

function notFound({ volume, claimName }: ClaimUse, namespace: string): Obstacle {
  return {
    reason: LauncherReason.ClaimNotFound,
    message:
      `volume ${volume}: PersistentVolumeClaim ${namespace}/${claimName} does not exist; ` +
      "the instance starts by itself once it is there",
  };
}

function unusable({ volume, claimName }: ClaimUse, namespace: string, problem: string): Obstacle {
  return {
    reason: LauncherReason.ClaimUnusable,
    message: `volume ${volume}: PersistentVolumeClaim ${namespace}/${claimName} ${problem}`,
  };
}

function inUse({ volume, claimName }: ClaimUse, pod: Draft<Pod>): Obstacle {
  const { name, labels } = pod.metadata;
  const other = controllerOf(pod)?.name ?? labels?.[INSTANCE_LABEL] ?? "";
  return {
    reason: LauncherReason.ClaimInUse,
    message:
      `volume ${volume}: claim ${claimName} is in use by instance ${other} (pod ${name}), and two guests that write to ` +
      "one disk destroy it; the instance starts by itself once that pod has ended",
  };
}
