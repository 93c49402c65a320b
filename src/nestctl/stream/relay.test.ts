import assert from "node:assert/strict";
import type { Pod } from "../../kube/object.ts";
import { relayPod, relayState } from "./relay.ts";

const launcher = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "virt-launcher-web-1", namespace: "prod" },
  spec: {
    nodeName: "node-1",
    imagePullSecrets: [{ name: "registry" }],
    containers: [
      { name: "sidecar", image: "other:1" },
      { name: "compute", image: "nestlet.dev/launcher:1", securityContext: { privileged: true } },
    ],
  },
} as unknown as Pod;
const owner = {
  apiVersion: "nestlet.dev/v1alpha1",
  kind: "VirtualMachineInstance",
  metadata: { name: "web", namespace: "prod", uid: "u-1", resourceVersion: "1", creationTimestamp: "" },
};

describe("relayPod", () => {
  const { metadata, spec } = relayPod(launcher, owner, "abcd");
  const [container] = spec.containers;

  it("is of the launcher's image, on its node", () => {
    assert.equal(metadata.name, "nestctl-relay-abcd");
    assert.equal(metadata.namespace, "prod");
    assert.equal(spec.nodeName, "node-1");
    assert.equal(container?.image, "nestlet.dev/launcher:1");
    assert.deepEqual(spec.imagePullSecrets, [{ name: "registry" }]);
  });
  it("goes with what it was made for", () => {
    assert.deepEqual(metadata.ownerReferences, [
      { apiVersion: "nestlet.dev/v1alpha1", kind: "VirtualMachineInstance", name: "web", uid: "u-1" },
    ]);
  });
  it("passes the strictest Pod Security level", () => {
    const { securityContext = {} } = container ?? {};
    assert.equal(securityContext.privileged, undefined);
    assert.equal(securityContext.runAsNonRoot, true);
    assert.equal(securityContext.allowPrivilegeEscalation, false);
    assert.deepEqual(securityContext.capabilities, { drop: ["ALL"] });
    assert.equal(spec.automountServiceAccountToken, false);
  });
});

describe("relayState", () => {
  for (const [title, status, state] of [
    ["a pod without a status", undefined, { is: "starting", why: "Pending" }],
    [
      "an image that is not there",
      {
        phase: "Pending",
        containerStatuses: [{ state: { waiting: { reason: "ErrImagePull", message: "no such image" } } }],
      },
      { is: "starting", why: "no such image" },
    ],
    [
      "a container that is made",
      { phase: "Pending", containerStatuses: [{ state: { waiting: { reason: "ContainerCreating" } } }] },
      { is: "starting", why: "ContainerCreating" },
    ],
    [
      "a container that runs",
      { phase: "Running", containerStatuses: [{ state: { running: {} } }] },
      { is: "running", why: "Running" },
    ],
    [
      "a pod that was put out",
      { phase: "Failed", message: "node is low on memory" },
      { is: "ended", why: "node is low on memory" },
    ],
    ["a pod that ended", { phase: "Succeeded" }, { is: "ended", why: "Succeeded" }],
  ] as const) {
    it(`of ${title}`, () => assert.deepEqual(relayState({ status } as never), state));
  }
});
