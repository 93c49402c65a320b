import assert from "node:assert/strict";
import type { KubeObject } from "./object.ts";
import { Store, type Change } from "./store.ts";

function object(name: string, resourceVersion: string, uid = name, namespace = "ns"): KubeObject {
  const metadata = { name, namespace, uid, resourceVersion, creationTimestamp: "2030-01-01T00:00:00Z" };
  return { apiVersion: "v1", kind: "Thing", metadata };
}

describe("the store", () => {
  let store: Store<KubeObject>;
  let told: string[];

  beforeEach(() => {
    store = new Store();
    told = [];
    const word = (one: KubeObject | undefined): string =>
      one === undefined ? "-" : `${one.metadata.uid}@${one.metadata.resourceVersion}`;
    store.subscribe(({ before, after }: Change<KubeObject>) => told.push(`${word(before)} → ${word(after)}`));
  });

  it("tells of what is new, changed and gone", () => {
    store.upsert(object("a", "1"));
    store.upsert(object("a", "2"));
    store.remove(object("a", "3"));
    assert.deepEqual(told, ["- → a@1", "a@1 → a@2", "a@2 → -"]);
    assert.equal(store.get("ns/a"), undefined);
  });

  it("ignores what is older than it knows, as numbers and not as text", () => {
    store.upsert(object("a", "100"));
    store.upsert(object("a", "99"));
    store.upsert(object("a", "100"));
    assert.equal(store.get("ns/a")?.metadata.resourceVersion, "100");
    store.upsert(object("a", "1000"));
    assert.deepEqual(told, ["- → a@100", "a@100 → a@1000"]);
  });

  it("takes another object of the name for what it is", () => {
    store.upsert(object("a", "9", "first"));
    store.upsert(object("a", "8", "second"));
    store.remove(object("a", "10", "first"));
    assert.equal(store.get("ns/a")?.metadata.uid, "second");
    assert.deepEqual(told, ["- → first@9", "first@9 → second@8"]);
  });

  it("takes over a list and drops what is not in it", () => {
    store.upsert(object("a", "1"));
    store.upsert(object("b", "1"));
    store.replace([object("b", "2"), object("c", "2")]);
    assert.deepEqual(told.slice(2), ["a@1 → -", "b@1 → b@2", "- → c@2"]);
  });

  it("leaves other namespaces alone when it takes over the list of one", () => {
    store.upsert(object("a", "1"));
    store.upsert(object("b", "1", "b", "other"));
    store.replace([], "other");
    assert.deepEqual(
      store.list().map(({ metadata }) => metadata.name),
      ["a"],
    );
  });

  it("never brings back an object by the answer to a write", () => {
    store.observe(object("a", "2"));
    assert.equal(store.size, 0);
    store.upsert(object("a", "1"));
    store.observe(object("a", "2", "other"));
    store.observe(object("a", "2"));
    assert.deepEqual(told, ["- → a@1", "a@1 → a@2"]);
  });

  it("does not hold who set which field, whether a watch or the answer to a write tells it", () => {
    const told = (resourceVersion: string): KubeObject => {
      const { metadata, ...rest } = object("a", resourceVersion);
      return { ...rest, metadata: { ...metadata, ...{ managedFields: [{ manager: "x" }] } } };
    };
    store.upsert(told("1"));
    assert.deepEqual(store.get("ns/a"), object("a", "1"));
    store.observe(told("2"));
    assert.deepEqual(store.get("ns/a"), object("a", "2"));
  });

  it("holds of an object what it is told to hold", () => {
    const small = new Store<KubeObject>((whole) => ({ ...whole, kind: "Less" }));
    small.upsert(object("a", "1"));
    assert.equal(small.get("ns/a")?.kind, "Less");
  });

  it("finds objects by more than their keys, before any listener asks", () => {
    store.upsert(object("a", "1", "twin"));
    const byUid = store.lookup(({ metadata }) => [metadata.uid]);
    const names = (): string[] => byUid.get("twin").map(({ metadata }) => metadata.name);
    const seen: string[][] = [];
    store.subscribe(() => seen.push(names()));
    store.upsert(object("b", "1", "twin"));
    store.upsert(object("b", "2", "other"));
    store.remove(object("a", "2", "twin"));
    assert.deepEqual(seen, [["a", "b"], ["a"], []]);
  });
});
