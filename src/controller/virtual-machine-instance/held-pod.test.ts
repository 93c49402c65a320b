import assert from "node:assert/strict";
import { storedInstance, storedPod } from "../../../test/support/stored.ts";
import { podStateOf } from "./pod-state.ts";
import { heldPod } from "./held-pod.ts";
import { launcherPodOf } from "../launcher-pod/pod.ts";

describe("what is held of a launcher pod", () => {
  const volumes = [
    { name: "root", registryDisk: { image: "nestlet.dev/halt:1" } },
    { name: "data", persistentVolumeClaim: { claimName: "data" } },
  ];
  const claims = new Map([["data", { volumeMode: "Filesystem", capacityBytes: 2 ** 30 } as const]]);
  const draft = launcherPodOf(storedInstance({ volumes }), { image: "launcher:1" }, claims);
  const status = {
    phase: "Running",
    containerStatuses: [
      {
        name: "compute",
        ready: true,
        started: true,
        image: "launcher:1",
        imageID: "",
        restartCount: 0,
        state: { running: { startedAt: "2030-01-01T00:00:00Z" } },
      },
    ],
  };
  const pod = storedPod(status, { ...draft.spec, nodeName: "node-1" }, { labels: { a: "b" } });

  it("is its metadata, its status, its node and the claims that it uses", () => {
    const held = heldPod(pod);
    assert.deepEqual(held.metadata, pod.metadata);
    assert.deepEqual(held.status, pod.status);
    assert.equal(held.spec.nodeName, "node-1");
    assert.deepEqual(held.spec.volumes, [{ name: "data", persistentVolumeClaim: { claimName: "data" } }]);
  });

  it("is enough to say the same of the instance", () => {
    const probes = { startupProbe: {}, livenessProbe: {} };
    const probed = {
      ...pod,
      spec: { ...pod.spec, containers: pod.spec.containers.map((each) => ({ ...each, ...probes })) },
    };
    for (const one of [pod, probed]) assert.deepEqual(podStateOf(heldPod(one)), podStateOf(one));
  });

  it("is less than half of it", () => {
    const size = (object: unknown): number => JSON.stringify(object).length;
    assert.ok(
      size(heldPod(pod).spec) < size(pod.spec) / 2,
      `${size(heldPod(pod).spec)} of ${size(pod.spec)}`,
    );
  });
});
