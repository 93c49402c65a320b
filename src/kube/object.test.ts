import assert from "node:assert/strict";
import { isNewer, pods, resourcePath, splitKey } from "./object.ts";

describe("a path of the API", () => {
  it("is that of the group, the namespace, the object and its subresource", () => {
    const lease = { group: "coordination.k8s.io", version: "v1", plural: "leases", kind: "Lease" };
    assert.equal(resourcePath(pods), "/api/v1/pods");
    assert.equal(resourcePath(pods, "ns", "a", "status"), "/api/v1/namespaces/ns/pods/a/status");
    assert.equal(resourcePath(lease, "ns"), "/apis/coordination.k8s.io/v1/namespaces/ns/leases");
    assert.equal(resourcePath(pods, "ns", "a/b"), "/api/v1/namespaces/ns/pods/a%2Fb");
  });

  it("has keys and versions that go with it", () => {
    assert.deepEqual(splitKey("ns/a"), { namespace: "ns", name: "a" });
    assert.ok(isNewer("10", "9"));
    assert.ok(!isNewer("9", "10"));
    assert.ok(!isNewer("10", "10"));
  });
});
