import assert from "node:assert/strict";
import { INSTANCE_LABEL } from "../../src/api/metadata.ts";
import { virtualMachineInstances as instances } from "../../src/api/resources.ts";
import type { Client } from "../../src/kube/client.ts";
import { persistentVolumeClaims } from "../../src/kube/object.ts";
import { eventually } from "./harness/cluster.ts";
import type { Kubelet } from "./harness/kubelet.ts";
import { guest, instance, type Watcher } from "./harness/objects.ts";
import { withController } from "./harness/stage.ts";

describe("an instance with a disk on a claim", () => {
  let client: Client;
  let kubelet: Kubelet;
  let namespace: string;
  let watcher: Watcher;

  withController((stage) => ({ client, kubelet, namespace, watcher } = stage));

  const volumes = [{ name: "root", persistentVolumeClaim: { claimName: "data" } }];
  const createClaim = async (readWriteOnce = true): Promise<unknown> =>
    client.create(persistentVolumeClaims, {
      metadata: { namespace, name: "data" },
      spec: {
        accessModes: [readWriteOnce ? "ReadWriteOnce" : "ReadOnlyMany"],
        resources: { requests: { storage: "1Gi" } },
      },
    });

  it("waits without a pod for the claim, and goes on by itself", async () => {
    await client.create(instances, instance(namespace, "a", { ...guest, volumes }));
    const waiting = await watcher.instance("a", "Pending", ({ reason }) => reason === "ClaimNotFound");
    assert.match(waiting.status?.message ?? "", /volume root: PersistentVolumeClaim .*\/data does not exist/);
    const created = waiting.status?.conditions?.find(({ type }) => type === "LauncherCreated");
    assert.equal(created?.status, "False");
    assert.deepEqual(await watcher.pods(), []);
    await createClaim();
    const pod = await watcher.podOf("a");
    assert.deepEqual(pod.spec.volumes?.find(({ name }) => name === "root")?.persistentVolumeClaim, {
      claimName: "data",
    });
    assert.deepEqual((await watcher.eventReasons("VirtualMachineInstance", "a")).slice(0, 1), [
      "ClaimNotFound",
    ]);
  });

  it("does not start while another instance uses the claim, and starts when that has ended", async () => {
    await createClaim();
    await Promise.all(
      ["a", "b", "c"].map(async (name) =>
        client.create(instances, instance(namespace, name, { ...guest, volumes })),
      ),
    );
    const waiters = await eventually("two instances wait", async () => {
      const { items } = await client.listPage(instances, { namespace }, 500);
      const waiting = items.filter(({ status }) => status?.reason === "ClaimInUse");
      return waiting.length === 2 ? waiting : undefined;
    });
    const [pod, ...others] = await watcher.pods();
    assert.ok(pod);
    assert.deepEqual(others, []);
    const user = pod.metadata.labels?.[INSTANCE_LABEL] ?? "";
    for (const { status } of waiters) {
      assert.equal(status?.phase, "Pending");
      assert.match(status.message ?? "", new RegExp(`claim data is in use by instance ${user} \\(pod `));
    }
    await kubelet.bind(pod);
    await kubelet.running(pod);
    await kubelet.ended(pod, { reason: "GuestShutdown", message: "off" });
    const next = await eventually("one more has its pod", async () => {
      const found = (await watcher.pods()).filter(({ metadata }) => metadata.uid !== pod.metadata.uid);
      return found.length > 0 ? found : undefined;
    });
    assert.equal(next.length, 1);
  });

  it("shares it with others that only read it", async () => {
    await createClaim(false);
    const reading = [{ name: "root", persistentVolumeClaim: { claimName: "data", readOnly: true } }];
    for (const name of ["a", "b"]) {
      await client.create(instances, instance(namespace, name, { ...guest, volumes: reading }));
    }
    await watcher.podOf("a");
    await watcher.podOf("b");
  });
});
