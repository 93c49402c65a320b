import assert from "node:assert/strict";
import type { ClusterSpec, CoreOSCluster, VirtualMachine } from "../../api/resources.ts";
import type { OwnerReference, PersistentVolumeClaim } from "../../kube/object.ts";
import { controllerRef } from "../../kube/ownership.ts";
import { memberMachine } from "./members.ts";
import { memberOf, poolMemberOf } from "./names.ts";
import {
  assertRootOf,
  isFormerRootGone,
  rootClaim,
  rootClaimIn,
  rootLossOf,
  wantsKeptRoot,
} from "./roots.ts";

const meta = { namespace: "a", resourceVersion: "1", creationTimestamp: "2030-01-01T10:00:00Z" };

function cluster(spec: ClusterSpec = {}): CoreOSCluster {
  return {
    apiVersion: "nestlet.dev/v1alpha1",
    kind: "CoreOSCluster",
    metadata: { ...meta, name: "lab", uid: "cluster" },
    spec,
    status: { source: { image: "img", version: "v1.36.3" } },
  };
}

const machine: VirtualMachine = {
  apiVersion: "nestlet.dev/v1alpha1",
  kind: "VirtualMachine",
  metadata: { ...meta, name: "lab-node-0", uid: "machine" },
  spec: { template: { spec: { domain: {} } } },
};

function claim(owner?: OwnerReference, more: Partial<PersistentVolumeClaim> = {}): PersistentVolumeClaim {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      ...meta,
      name: "lab-node-0-root",
      uid: "claim",
      ...(owner === undefined ? {} : { ownerReferences: [owner] }),
    },
    spec: {},
    ...more,
  };
}

function going(present: PersistentVolumeClaim): PersistentVolumeClaim {
  return { ...present, metadata: { ...present.metadata, deletionTimestamp: meta.creationTimestamp } };
}

const worker = memberOf("lab", "Worker", 0);
const master = memberOf("lab", "Master", 0);

describe("the claim of a member's root", () => {
  const of = cluster({
    controlPlane: {
      machine: {
        disk: {
          capacity: "20Gi",
          persistent: { storageClassName: "fast", accessModes: ["ReadWriteOncePod"], size: "30Gi" },
        },
      },
    },
    workers: { machine: { disk: { persistent: {} } } },
    pools: [{ name: "big" }],
  });

  it("is as the spec of the member's group says", () => {
    const { metadata, spec } = rootClaim(of, master, of);
    assert.deepEqual([metadata.namespace, metadata.name], ["a", "lab-master-0-root"]);
    assert.equal(metadata.labels?.["nestlet.dev/cluster"], "lab");
    assert.deepEqual(spec, {
      accessModes: ["ReadWriteOncePod"],
      resources: { requests: { storage: "30Gi" } },
      storageClassName: "fast",
    });
  });

  it("is left to the host cluster's defaults, with room to spare", () => {
    const { metadata, spec } = rootClaim(of, worker, machine);
    assert.deepEqual(metadata.ownerReferences, [controllerRef(machine)]);
    assert.deepEqual(spec, {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "11264Mi" } },
    });
  });

  it("is what its machine has its root on, and keeps it running", () => {
    const kept = memberMachine(of, { ...worker, wanted: true, keepsRoot: true, number: 2 });
    assert.equal(kept.spec.runStrategy, "Always");
    assert.equal(rootClaimIn(kept), rootClaim(of, worker, machine).metadata.name);
    const other = memberMachine(of, { ...worker, wanted: true, keepsRoot: false, number: 2 });
    assert.equal(other.spec.runStrategy, "Once");
    assert.equal(rootClaimIn(other), undefined);
  });

  it("is there for groups that ask for it", () => {
    const asked = [master, worker, poolMemberOf("lab", "big", 0), poolMemberOf("lab", "gone", 0)];
    assert.deepEqual(
      asked.map((id) => wantsKeptRoot(of, id)),
      [true, true, false, false],
    );
  });
});

describe("a claim that is there already", () => {
  const ofMachine = controllerRef(machine);
  const taken =
    /^PersistentVolumeClaim lab-node-0-root exists and does not belong to this cluster; delete it/;

  it("of a former machine is waited for until it has gone", () => {
    assert.equal(isFormerRootGone(worker, undefined), true);
    assert.equal(isFormerRootGone(worker, claim(ofMachine)), false);
    assert.equal(isFormerRootGone(worker, going(claim())), false);
  });

  it("of somebody else stands in the way", () => {
    assert.throws(() => isFormerRootGone(worker, claim()), { message: taken });
    assert.throws(() => isFormerRootGone(worker, claim({ ...ofMachine, name: "other" })), { message: taken });
    assert.throws(() => isFormerRootGone(worker, claim({ ...ofMachine, kind: "Pod" })), { message: taken });
    const former = claim({ ...ofMachine, uid: "former" });
    assert.throws(() => assertRootOf(machine, former), { message: taken });
  });

  it("of the machine itself, or on its way out, does not", () => {
    assertRootOf(machine, claim(ofMachine));
    assertRootOf(machine, going(claim()));
  });

  for (const [title, present, loss] of [
    ["there", claim(), undefined],
    ["not bound yet", claim(undefined, { status: { phase: "Pending" } }), undefined],
    ["gone", undefined, "PersistentVolumeClaim c does not exist any more"],
    ["going", going(claim()), "PersistentVolumeClaim c is being deleted"],
    [
      "without its volume",
      claim(undefined, { status: { phase: "Lost" } }),
      "PersistentVolumeClaim c has lost its volume",
    ],
  ] as [string, PersistentVolumeClaim | undefined, string | undefined][]) {
    it(`of a master that is ${title}: ${loss ?? "nothing is lost"}`, () => {
      assert.equal(rootLossOf("c", present), loss);
    });
  }
});
