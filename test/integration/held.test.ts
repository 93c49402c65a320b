import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { PAUSED_ANNOTATION } from "../../src/api/metadata.ts";
import { virtualMachineInstances as instances } from "../../src/api/resources.ts";
import type { Client } from "../../src/kube/client.ts";
import { pods } from "../../src/kube/object.ts";
import type { Kubelet } from "./harness/kubelet.ts";
import { guest, instance, type Watcher } from "./harness/objects.ts";
import { withController } from "./harness/stage.ts";

describe("an instance that somebody wants left alone", () => {
  let client: Client;
  let kubelet: Kubelet;
  let namespace: string;
  let watcher: Watcher;

  withController((stage) => ({ client, kubelet, namespace, watcher } = stage));

  const target = (): { namespace: string; name: string } => ({ namespace, name: "a" });

  const hold = async (value: string | null): Promise<unknown> =>
    client.mergePatch(instances, target(), { metadata: { annotations: { [PAUSED_ANNOTATION]: value } } });

  const says = async (words: RegExp): Promise<unknown> =>
    watcher.instance("a", `it says ${String(words)}`, ({ conditions = [] }) =>
      conditions.some(({ type, message }) => type === "ReconciliationPaused" && words.test(message)),
    );

  it("gets no pod, and gets one when it is not any more", async () => {
    const held = { ...instance(namespace, "a"), spec: guest };
    const metadata = { ...held.metadata, annotations: { [PAUSED_ANNOTATION]: "" } };
    await client.create(instances, { ...held, metadata });
    await watcher.instance("a", "Pending", ({ phase, reason }) => {
      return phase === "Pending" && reason === "ReconciliationPaused";
    });
    await says(/it gets no pod/);
    await sleep(500);
    assert.deepEqual(await watcher.pods(), []);
    await hold(null);
    await watcher.podOf("a");
    await watcher.instance("a", "it goes on", ({ phase, conditions = [] }) => {
      return phase === "Scheduling" && conditions.every(({ type }) => type !== "ReconciliationPaused");
    });
  });

  it("keeps its pod though it is deleted, and tells how that fares", async () => {
    await client.create(instances, instance(namespace, "a"));
    const pod = await watcher.podOf("a");
    await kubelet.bind(pod);
    await kubelet.running(pod);
    await watcher.instance("a", "Running", ({ phase }) => phase === "Running");
    await hold("");
    await says(/about the instance; remove it to go on/);
    await client.delete(instances, target());
    await says(/it is not deleted/);
    assert.equal(
      (await client.get(pods, namespace, pod.metadata.name)).metadata.deletionTimestamp,
      undefined,
    );
    await kubelet.ended(pod, { reason: "GuestShutdown", message: "the guest powered itself off" });
    await watcher.instance("a", "Succeeded", ({ phase }) => phase === "Succeeded");
    await says(/it is not deleted/);
    await sleep(500);
    await client.get(pods, namespace, pod.metadata.name);
    await hold(null);
    await watcher.gone(instances, "a");
    assert.deepEqual(await watcher.pods(), []);
  });
});
