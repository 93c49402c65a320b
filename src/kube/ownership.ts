import type { KubeObject, ObjectMeta, OwnerReference } from "./object.ts";
import type { Store } from "./store.ts";

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

/** Finds those of a store's objects that an owner controls, without a look at all the others. */
export function ownedIn<T extends KubeObject>(store: Store<T>): (owner: KubeObject) => T[] {
  const owned = store.lookup((object) => {
    const controller = controllerOf(object);
    return controller === undefined ? [] : [controller.uid];
  });
  return (owner) => owned.get(owner.metadata.uid);
}
