import { ClusterObstacle } from "../../api/conditions.ts";
import { virtualMachines, type CoreOSCluster, type VirtualMachine } from "../../api/resources.ts";
import { apiVersion, type Draft, type KubeObject, type PersistentVolumeClaim } from "../../kube/object.ts";
import { controllerOf, controllerRef, isControlledBy } from "../../kube/ownership.ts";
import { parseQuantity } from "../../kube/quantity.ts";
import { groupMachine, rootClaimNameOf, type MemberId } from "./names.ts";
import { ObstacleError } from "./obstacle.ts";
import { metadataOf } from "./services.ts";

/** Roots that are kept: a PersistentVolumeClaim each, which holds what the member has written over its image. */

const MiB = 2 ** 20;

export const defaultCapacity = "10Gi";

/** Name of the claim that a machine has its root on; undefined for one whose root goes with its pod. */
export function rootClaimIn({ spec }: Pick<VirtualMachine, "spec">): string | undefined {
  const root = spec.template.spec.volumes?.find(({ name }) => name === "root");
  return root?.registryDisk?.overlay?.claimName;
}

/** Whether a member made now gets a root that is kept. */
export function wantsKeptRoot(cluster: CoreOSCluster, id: MemberId): boolean {
  return groupMachine(cluster, id)?.disk?.persistent !== undefined;
}

/**
 * The claim of a member's root. A worker's is its machine's and goes with it: a worker that is replaced begins anew.
 * A master's is the cluster's: whoever deletes the machine must not lose the cluster's state with it.
 * @param owner the worker's machine, or the cluster
 */
export function rootClaim(
  cluster: CoreOSCluster,
  id: MemberId,
  owner: KubeObject,
): Draft<PersistentVolumeClaim> {
  const { capacity = defaultCapacity, persistent = {} } = groupMachine(cluster, id)?.disk ?? {};
  const { storageClassName, accessModes = ["ReadWriteOnce"], size = withReserve(capacity) } = persistent;
  return {
    metadata: { ...metadataOf(cluster, rootClaimNameOf(id)), ownerReferences: [controllerRef(owner)] },
    spec: {
      accessModes,
      resources: { requests: { storage: String(size) } },
      ...(storageClassName === undefined ? {} : { storageClassName }),
    },
  };
}

/** A tenth more: the file system of the claim takes some, and so do the overlay's own tables. */
function withReserve(capacity: string | number): string {
  return `${String(Math.ceil((parseQuantity(capacity) * 1.1) / MiB))}Mi`;
}

/**
 * Whether a worker's machine can be made now: a claim of its name is that of a machine before it, and goes.
 * @throws ObstacleError when it is somebody else's
 */
export function isFormerRootGone({ name }: MemberId, present: PersistentVolumeClaim | undefined): boolean {
  if (present === undefined) return true;
  if (present.metadata.deletionTimestamp !== undefined) return false;
  const owner = controllerOf(present);
  const isMachine = owner?.kind === virtualMachines.kind && owner.apiVersion === apiVersion(virtualMachines);
  if (isMachine && owner.name === name) return false;
  throw claimTaken(present);
}

/** @throws ObstacleError when the claim is neither there for the owner, nor on its way out */
export function assertRootOf(owner: KubeObject, present: PersistentVolumeClaim): void {
  if (present.metadata.deletionTimestamp === undefined && !isControlledBy(present, owner)) {
    throw claimTaken(present);
  }
}

function claimTaken({ metadata: { name } }: PersistentVolumeClaim): ObstacleError {
  return new ObstacleError(
    ClusterObstacle.NameTaken,
    `PersistentVolumeClaim ${name} exists and does not belong to this cluster; delete it, or give the cluster another name`,
  );
}

/**
 * Why what was on a master's root is lost, in words; undefined while it is there. Whose the claim is does not matter:
 * it may have been restored from a copy.
 */
export function rootLossOf(name: string, present: PersistentVolumeClaim | undefined): string | undefined {
  const claim = `PersistentVolumeClaim ${name}`;
  if (present === undefined) return `${claim} does not exist any more`;
  if (present.metadata.deletionTimestamp !== undefined) return `${claim} is being deleted`;
  return present.status?.phase === "Lost" ? `${claim} has lost its volume` : undefined;
}
