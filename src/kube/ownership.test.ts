import assert from "node:assert/strict";
import type { KubeObject } from "./object.ts";
import { controllerOf, controllerRef, isControlledBy, ownedIn } from "./ownership.ts";
import { Store } from "./store.ts";

function object(name: string, owner?: KubeObject): KubeObject {
  const metadata = {
    name,
    namespace: "ns",
    uid: `uid-${name}`,
    resourceVersion: "1",
    creationTimestamp: "2030-01-01T00:00:00Z",
    ...(owner === undefined ? {} : { ownerReferences: [controllerRef(owner)] }),
  };
  return { apiVersion: "v1", kind: "Thing", metadata };
}

describe("ownership", () => {
  const owner = object("owner");
  const owned = object("a", owner);

  it("is the controller's, by its UID", () => {
    assert.equal(controllerOf(owned)?.name, "owner");
    assert.equal(isControlledBy(owned, owner), true);
    const { metadata } = owner;
    assert.equal(isControlledBy(owned, { ...owner, metadata: { ...metadata, uid: "another" } }), false);
    const [reference] = owned.metadata.ownerReferences ?? [];
    const shared = { ...reference, controller: false } as NonNullable<typeof reference>;
    assert.equal(controllerOf({ metadata: { ownerReferences: [shared] } }), undefined);
  });

  it("finds what an owner has in a store, as that changes", () => {
    const store = new Store<KubeObject>();
    store.upsert(owned);
    const of = ownedIn(store);
    store.upsert(object("b", owner));
    store.upsert(object("c", object("other")));
    store.upsert(object("d"));
    const names = (): string[] => of(owner).map(({ metadata }) => metadata.name);
    assert.deepEqual(names(), ["a", "b"]);
    store.remove(owned);
    assert.deepEqual(names(), ["b"]);
  });
});
