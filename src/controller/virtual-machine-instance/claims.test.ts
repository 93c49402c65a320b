import assert from "node:assert/strict";
import { storedClaim, storedInstance, storedPod } from "../../../test/support/stored.ts";
import { controllerRef } from "../../kube/ownership.ts";
import type { Pod } from "../../kube/object.ts";
import { claimInUse, problemOf } from "./claims.ts";

function user(readOnly: boolean, uid = "other"): ReturnType<typeof storedInstance> {
  const volumes = [{ name: "root", persistentVolumeClaim: { claimName: "data", readOnly } }];
  return storedInstance({ volumes }, undefined, { name: "b", uid });
}

function podOf(
  claim: { claimName: string; readOnly?: boolean },
  phase: string,
  meta: Partial<Pod["metadata"]> = {},
): Pod {
  const volumes = [{ name: "x", persistentVolumeClaim: claim }];
  return storedPod({ phase }, { volumes }, { ownerReferences: [controllerRef(user(false))], ...meta });
}

describe("claimInUse", () => {
  const writes = { claimName: "data" };
  const reads = { claimName: "data", readOnly: true };
  const table: readonly (readonly [string, boolean, Pod, boolean])[] = [
    ["another's running pod writes to it", false, podOf(writes, "Running"), true],
    ["another's pod is not started yet", false, podOf(writes, "Pending"), true],
    ["a lost node had the pod", false, podOf(writes, "Unknown"), true],
    ["another's pod reads what this one writes", false, podOf(reads, "Running"), true],
    ["another's pod writes what this one reads", true, podOf(writes, "Running"), true],
    ["both only read", true, podOf(reads, "Running"), false],
    ["the other's pod is over", false, podOf(writes, "Failed"), false],
    ["the pod uses another claim", false, podOf({ claimName: "else" }, "Running"), false],
    ["the pod is in another namespace", false, podOf(writes, "Running", { namespace: "far" }), false],
    [
      "the pod is its own",
      false,
      podOf(writes, "Running", { ownerReferences: [controllerRef(user(false, "me"))] }),
      false,
    ],
  ];
  for (const [title, readOnly, pod, used] of table) {
    it(`${used ? "says no" : "says yes"} when ${title}`, () => {
      assert.equal(claimInUse(user(readOnly, "me"), [pod]) !== undefined, used);
    });
  }
  it("names the volume, the claim, the other instance and its pod", () => {
    assert.deepEqual(claimInUse(user(false, "me"), [podOf(writes, "Running")]), {
      reason: "ClaimInUse",
      message:
        "volume root: claim data is in use by instance b (pod virt-launcher-a), and two guests that write to one disk " +
        "destroy it; the instance starts by itself once that pod has ended",
    });
  });
});

describe("problemOf", () => {
  const disk = { fileSystem: false };
  it("has nothing against a claim that is not bound yet", () => {
    assert.equal(problemOf(storedClaim("1Gi", undefined, {}, { phase: "Pending" }), disk), undefined);
  });
  it("tells of a claim that has lost its volume, and of one that is going", () => {
    assert.match(
      problemOf(storedClaim("1Gi", undefined, {}, { phase: "Lost" }), disk) ?? "",
      /has lost its volume/,
    );
    const going = storedClaim("1Gi", "1Gi");
    going.metadata.deletionTimestamp = "2030-01-01T00:00:00Z";
    assert.equal(problemOf(going, disk), "is being deleted");
  });
  it("wants a file system for an overlay, and for nothing else", () => {
    const block = storedClaim("1Gi", "1Gi", { volumeMode: "Block" });
    assert.equal(problemOf(block, disk), undefined);
    assert.match(problemOf(block, { fileSystem: true }) ?? "", /is a block device.*volumeMode Filesystem/);
  });
});
