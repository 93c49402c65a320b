import assert from "node:assert/strict";
import { storedInstance, storedPod } from "../../../test/support/stored.ts";
import type { Pod } from "../../kube/object.ts";
import { Store } from "../../kube/store.ts";
import { ClaimUsers } from "./claim-users.ts";

function podWith(name: string, claimNames: readonly string[], namespace = "ns"): Pod {
  const volumes = claimNames.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } }));
  const others = [{ name: "ephemeral", emptyDir: {} }];
  return storedPod(
    {},
    { volumes: [...others, ...volumes] },
    { name, namespace, uid: `${namespace}/${name}` },
  );
}

describe("the users of claims", () => {
  const volumes = ["root", "data"].map((claimName) => ({
    name: claimName,
    persistentVolumeClaim: { claimName },
  }));
  const instance = storedInstance({ volumes });
  let store: Store<Pod>;
  let users: ClaimUsers;

  beforeEach(() => {
    store = new Store<Pod>();
    users = new ClaimUsers(store);
  });

  const names = (): string[] => users.of(instance).map(({ metadata }) => metadata.name);

  it("are the pods of the store with one of the instance's claims, in its namespace", () => {
    store.upsert(podWith("a", ["data"]));
    store.upsert(podWith("b", ["else"]));
    store.upsert(podWith("c", ["data"], "far"));
    store.upsert(podWith("d", ["root"]));
    assert.deepEqual(names(), ["d", "a"]);
    store.remove(podWith("a", ["data"]));
    assert.deepEqual(names(), ["d"]);
    assert.deepEqual(users.of(storedInstance()), []);
  });

  it("are also those that the store does not hold yet, until it does", () => {
    users.expect("ns/a", podWith("a", ["root"]));
    users.expect("ns/a", podWith("a", ["data"]));
    users.expect("ns/b", podWith("b", ["data"]));
    assert.deepEqual(names(), ["a", "b"]);
    users.forget("ns/a");
    users.forget("ns/never");
    assert.deepEqual(names(), ["b"]);
  });
});
