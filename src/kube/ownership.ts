import type { KubeObject, ObjectMeta, OwnerReference } from "./object.ts";

/** The reference by which `owner` controls another object, so that it is removed with it. */
export function controllerRef(owner: KubeObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** Who controls the object, if anybody does. */
export function controllerOf(object: {
  metadata: Pick<ObjectMeta, "ownerReferences">;
}): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true);
}

export function isControlledBy(object: Pick<KubeObject, "metadata">, owner: KubeObject): boolean {
  return controllerOf(object)?.uid === owner.metadata.uid;
}
