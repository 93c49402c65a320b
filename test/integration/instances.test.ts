import assert from "node:assert/strict";
import { INSTANCE_FINALIZER, INSTANCE_LABEL } from "../../src/api/metadata.ts";
import { launcherPodName } from "../../src/api/names.ts";
import { virtualMachineInstances as instances } from "../../src/api/resources.ts";
import type { Client } from "../../src/kube/client.ts";
import { pods, secrets } from "../../src/kube/object.ts";
import type { LaunchPlan } from "../../src/launch-plan/launch-plan.ts";
import { eventually, type Cluster } from "./harness/cluster.ts";
import type { Kubelet } from "./harness/kubelet.ts";
import { guest, instance, Watcher } from "./harness/objects.ts";
import { withController } from "./harness/stage.ts";

describe("an instance", () => {
  let cluster: Cluster;
  let client: Client;
  let kubelet: Kubelet;
  let namespace: string;
  let watcher: Watcher;

  const controller = withController((stage) => ({ cluster, client, kubelet, namespace, watcher } = stage));

  it("goes from its pod's creation to the guest's own shutdown", async () => {
    await client.create(instances, instance(namespace, "a"));
    const pod = await watcher.podOf("a");
    const scheduling = await watcher.instance("a", "Scheduling", ({ phase }) => phase === "Scheduling");
    assert.equal(scheduling.status?.podName, pod.metadata.name);
    assert.deepEqual(scheduling.metadata.finalizers, [INSTANCE_FINALIZER]);
    assert.equal(pod.metadata.labels?.[INSTANCE_LABEL], "a");
    assert.equal(pod.metadata.ownerReferences?.[0]?.uid, scheduling.metadata.uid);

    await kubelet.bind(pod);
    await kubelet.running(pod, "10.244.0.9");
    const running = await watcher.instance("a", "Running", ({ phase }) => phase === "Running");
    assert.equal(running.status?.nodeName, "node-1");
    assert.deepEqual(running.status.interfaces, [
      { name: "default", ipAddress: "10.244.0.9", ipAddresses: ["10.244.0.9"] },
    ]);
    assert.deepEqual(conditions(running.status), {
      Ready: "True",
      LauncherCreated: "True",
      PodScheduled: "True",
      LiveMigratable: "False",
    });
    assert.equal(running.status.observedGeneration, 1);

    await kubelet.ended(pod, { reason: "GuestShutdown", message: "the guest powered itself off" });
    const ended = await watcher.instance("a", "Succeeded", ({ phase }) => phase === "Succeeded");
    assert.equal(ended.status?.reason, "GuestShutdown");
    assert.equal(ended.status.message, "the guest powered itself off");
    assert.equal(conditions(ended.status)["Ready"], "False");
    const phases = ended.status.phaseTransitionTimestamps?.map(({ phase }) => phase);
    assert.deepEqual(phases, ["Scheduling", "Running", "Succeeded"]);
    const told = await eventually("three Events", async () => {
      const reasons = await watcher.eventReasons("VirtualMachineInstance", "a");
      return reasons.length >= 3 ? reasons : undefined;
    });
    assert.deepEqual(told, ["SuccessfulCreate", "Started", "GuestShutdown"]);
  });

  it("hands its plan to the launcher, and its placement to the pod", async () => {
    const affinity = {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: "disk", operator: "In" as const, values: ["ssd"] }] },
          ],
        },
      },
    };
    const spec = {
      ...guest,
      hostname: "web",
      subdomain: "lab",
      nodeSelector: { zone: "a" },
      tolerations: [{ key: "vm", operator: "Exists" as const }],
      affinity,
      schedulerName: "other",
      dnsPolicy: "None" as const,
      dnsConfig: { nameservers: ["10.0.0.10"], searches: ["lab.example"] },
      terminationGracePeriodSeconds: 60,
    };
    const labels = { app: "shop", [INSTANCE_LABEL]: "someone-elses" };
    await client.create(instances, {
      metadata: { namespace, name: "a", labels, annotations: { note: "1" } },
      spec,
    });
    const pod = await watcher.podOf("a");
    const [compute] = pod.spec.containers;
    const plan = JSON.parse(compute?.env?.[0]?.value ?? "") as LaunchPlan;
    assert.equal(plan.name, "a");
    assert.equal(plan.hostname, "web");
    assert.equal(plan.memoryBytes, 64 * 2 ** 20);
    assert.deepEqual(plan.disks[0]?.source, {
      kind: "RegistryDisk",
      image: "nestlet.dev/halt:1",
      mountPath: "/var/run/nestlet/registry-disks/root",
    });
    const { spec: podSpec } = pod;
    assert.equal(podSpec.terminationGracePeriodSeconds, 75);
    assert.equal(podSpec.hostname, "web");
    assert.equal(podSpec.subdomain, "lab");
    assert.equal(podSpec.schedulerName, "other");
    assert.deepEqual(podSpec.nodeSelector, { zone: "a" });
    assert.deepEqual(podSpec.affinity, affinity);
    assert.ok(podSpec.tolerations?.some(({ key }) => key === "vm"));
    assert.equal(podSpec.dnsPolicy, "None");
    assert.deepEqual(podSpec.dnsConfig, spec.dnsConfig);
    assert.equal(podSpec.automountServiceAccountToken, false);
    assert.equal(podSpec.enableServiceLinks, false);
    assert.equal(pod.metadata.labels?.["app"], "shop");
    assert.equal(pod.metadata.labels[INSTANCE_LABEL], "a");
    assert.equal(pod.metadata.annotations?.["note"], "1");
  });

  for (const [title, name, label] of [
    ["dots", "web.shop.example", /^web\.shop\.example$/],
    ["63 characters", "a".repeat(63), /^a{63}$/],
    ["100 characters", "a".repeat(100), /^a{52}-[0-9a-f]{10}$/],
    ["253 characters and dots", `${"a".repeat(62)}.${"b".repeat(190)}`, /^a{52}-[0-9a-f]{10}$/],
  ] as const) {
    it(`may have a name of ${title}`, async () => {
      await client.create(instances, instance(namespace, name));
      const pod = await watcher.podOf(name);
      assert.match(pod.metadata.labels?.[INSTANCE_LABEL] ?? "", label);
      assert.match(pod.metadata.name, /^[a-z0-9-]{1,63}$/);
      assert.match(pod.spec.hostname ?? "", /^[a-z0-9-]{1,63}$/);
      await watcher.instance(name, "Scheduling", ({ phase }) => phase === "Scheduling");
      await client.delete(instances, { namespace, name });
      await watcher.gone(instances, name);
    });
  }

  it("says why in a namespace that forbids privileged pods, and goes on when it no longer does", async () => {
    const strict = await cluster.namespace({ "pod-security.kubernetes.io/enforce": "baseline" });
    const there = new Watcher(client, strict);
    await client.create(instances, instance(strict, "a"));
    const waiting = await there.instance("a", "Pending", ({ phase }) => phase === "Pending");
    assert.equal(waiting.status?.reason, "PodSecurityForbidden");
    assert.match(
      waiting.status.message ?? "",
      new RegExp(`kubectl label namespace ${strict} pod-security\\.kubernetes\\.io/enforce=privileged`),
    );
    assert.equal(conditions(waiting.status)["LauncherCreated"], "False");
    await cluster.label(strict, { "pod-security.kubernetes.io/enforce": "privileged" });
    await there.podOf("a");
    await there.instance(
      "a",
      "Scheduling",
      ({ phase, reason }) => phase === "Scheduling" && reason === undefined,
    );
  });

  it("says which quota has no room", async () => {
    await client.call("POST", `/api/v1/namespaces/${namespace}/resourcequotas`, {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "small" },
      spec: { hard: { pods: "0" } },
      status: { hard: { pods: "0" }, used: { pods: "0" } },
    });
    // There is no quota controller here: what is used is written for it.
    await client.mergePatch(
      { group: "", version: "v1", plural: "resourcequotas", kind: "ResourceQuota" },
      { namespace, name: "small" },
      { status: { hard: { pods: "0" }, used: { pods: "0" } } },
      "status",
    );
    await client.create(instances, instance(namespace, "a"));
    const waiting = await watcher.instance("a", "Pending", ({ phase }) => phase === "Pending");
    assert.equal(waiting.status?.reason, "QuotaExceeded");
    assert.match(waiting.status.message ?? "", /exceeded quota: small/);
    await client.delete(instances, { namespace, name: "a" });
    await watcher.gone(instances, "a");
  });

  it("waits without a pod for its Ignition Secret, and goes on by itself", async () => {
    const volumes = [...(guest.volumes ?? []), { name: "init", ignition: { secretRef: { name: "ign" } } }];
    await client.create(instances, instance(namespace, "a", { ...guest, volumes }));
    const waiting = await watcher.instance("a", "Pending", ({ reason }) => reason === "SecretNotFound");
    assert.match(waiting.status?.message ?? "", /volume init: Secret .*\/ign does not exist/);
    assert.deepEqual(await watcher.pods(), []);
    await client.create(secrets, { metadata: { namespace, name: "ign" }, data: { other: "e30=" } });
    await watcher.instance(
      "a",
      "the key is missing",
      ({ message }) => message?.includes('no key "userdata"') === true,
    );
    await client.mergePatch(secrets, { namespace, name: "ign" }, { data: { userdata: "e30=" } });
    const pod = await watcher.podOf("a");
    const mounted = pod.spec.volumes?.find(({ name }) => name === "init");
    assert.deepEqual(mounted?.secret?.items, [{ key: "userdata", path: "config.ign" }]);
    await watcher.instance(
      "a",
      "Scheduling",
      ({ phase, reason }) => phase === "Scheduling" && reason === undefined,
    );
  });

  it("repeats the scheduler's words", async () => {
    await client.create(instances, instance(namespace, "a"));
    await kubelet.unschedulable(await watcher.podOf("a"), "0/1 nodes are available: 1 Insufficient memory.");
    const found = await watcher.instance("a", "Unschedulable", ({ reason }) => reason === "Unschedulable");
    assert.equal(found.status?.phase, "Scheduling");
    assert.equal(found.status.message, "0/1 nodes are available: 1 Insufficient memory.");
    assert.equal(conditions(found.status)["PodScheduled"], "False");
  });

  it("repeats the kubelet's words on an image, once", async () => {
    await client.create(instances, instance(namespace, "a"));
    const pod = await watcher.podOf("a");
    await kubelet.bind(pod);
    await kubelet.waiting(pod, "ErrImagePull", "not found");
    await watcher.instance("a", "ErrImagePull", ({ reason }) => reason === "ErrImagePull");
    await kubelet.waiting(pod, "ImagePullBackOff", "Back-off pulling image");
    const backOff = await watcher.instance(
      "a",
      "ImagePullBackOff",
      ({ reason }) => reason === "ImagePullBackOff",
    );
    await kubelet.waiting(pod, "ErrImagePull", "not found");
    await kubelet.waiting(pod, "ImagePullBackOff", "Back-off pulling image");
    await kubelet.running(pod);
    const running = await watcher.instance("a", "Running", ({ phase }) => phase === "Running");
    assert.equal(running.status?.reason, undefined);
    assert.ok(Number(running.metadata.resourceVersion) > Number(backOff.metadata.resourceVersion));
    const pulls = (await watcher.eventReasons("VirtualMachineInstance", "a")).filter((reason) =>
      /Image/.test(reason),
    );
    assert.deepEqual(pulls, ["ErrImagePull", "ImagePullBackOff"]);
  });

  it("is Unknown while its node does not answer, and Running when it does again", async () => {
    await client.create(instances, instance(namespace, "a"));
    const pod = await watcher.podOf("a");
    await kubelet.bind(pod, "node-7");
    await kubelet.running(pod);
    await watcher.instance("a", "Running", ({ phase }) => phase === "Running");
    await kubelet.nodeLost(pod);
    const lost = await watcher.instance("a", "Unknown", ({ phase }) => phase === "Unknown");
    assert.equal(lost.status?.reason, "NodeLost");
    assert.match(lost.status.message ?? "", /node node-7 does not answer.*kubectl delete pod .* --force/);
    assert.equal(conditions(lost.status)["Ready"], "Unknown");
    await kubelet.running(pod);
    await watcher.instance("a", "Running", ({ phase }) => phase === "Running");
  });

  for (const { title, end, phase, reason, message } of [
    {
      title: "crashed",
      end: { exitCode: 2, message: '{"reason":"Crashed","message":"qemu died"}' },
      phase: "Failed",
      reason: "Crashed",
      message: "qemu died",
    },
    {
      title: "used too much memory",
      end: { exitCode: 137, reason: "OOMKilled" },
      phase: "Failed",
      reason: "OOMKilled",
      message: /raise spec\.domain\.resources\.limits\.memory/,
    },
    {
      title: "ended without a word",
      end: { exitCode: 1, reason: "Error" },
      phase: "Failed",
      reason: "LauncherDied",
      message: /ended with code 1/,
    },
  ]) {
    it(`is over when the launcher ${title}`, async () => {
      await client.create(instances, instance(namespace, "a"));
      const pod = await watcher.podOf("a");
      await kubelet.bind(pod);
      await kubelet.terminated(pod, end);
      const found = await watcher.instance("a", phase, (status) => status.phase === phase);
      assert.equal(found.status?.reason, reason);
      if (typeof message === "string") assert.equal(found.status.message, message);
      else assert.match(found.status.message ?? "", message);
    });
  }

  it("waits while a pod of somebody else has its pod's name, and leaves that alone", async () => {
    await controller.kill();
    const { metadata } = await client.create(instances, instance(namespace, "a"));
    const name = launcherPodName(metadata);
    const containers = [{ name: "other", image: "nestlet.dev/other:1" }];
    await client.create(pods, { metadata: { namespace, name }, spec: { containers } });
    await controller.start();
    const waiting = await watcher.instance("a", "Pending", ({ phase }) => phase === "Pending");
    assert.equal(waiting.status?.reason, "PodNameTaken");
    assert.match(waiting.status.message ?? "", new RegExp(`pod ${name} exists.*delete that pod`));
    assert.equal((await client.get(pods, namespace, name)).spec.containers[0]?.name, "other");
    await kubelet.remove(await client.get(pods, namespace, name));
    await watcher.instance("a", "Scheduling", ({ phase }) => phase === "Scheduling");
  }).timeout(60_000);

  it("ends with its pod and never gets a second one", async () => {
    await client.create(instances, instance(namespace, "a"));
    const pod = await watcher.podOf("a");
    await watcher.instance("a", "Scheduling", ({ phase }) => phase === "Scheduling");
    await kubelet.remove(pod);
    const found = await watcher.instance("a", "Failed", ({ phase }) => phase === "Failed");
    assert.equal(found.status?.reason, "PodDeleted");
    assert.deepEqual(await watcher.pods(), []);
  });

  it("cannot be changed, but for its metadata", async () => {
    await client.create(instances, instance(namespace, "a"));
    await assert.rejects(
      client.mergePatch(instances, { namespace, name: "a" }, { spec: { hostname: "other" } }),
      /spec cannot be changed once the instance exists; delete the VirtualMachineInstance and create it anew/,
    );
    await client.mergePatch(instances, { namespace, name: "a" }, { metadata: { labels: { a: "b" } } });
  });

  it("is deleted when its pod is gone, not before", async () => {
    await client.create(instances, instance(namespace, "a"));
    const pod = await watcher.podOf("a");
    await kubelet.bind(pod);
    await kubelet.running(pod);
    await watcher.instance("a", "Running", ({ phase }) => phase === "Running");
    await client.delete(instances, { namespace, name: "a" });
    const terminating = await watcher.instance(
      "a",
      "not Ready",
      (status) => conditions(status)["Ready"] === "False",
    );
    const ready = terminating.status?.conditions?.find(({ type }) => type === "Ready");
    assert.equal(ready?.reason, "PodTerminating");
    assert.deepEqual(terminating.metadata.finalizers, [INSTANCE_FINALIZER]);
    await kubelet.remove(pod);
    await watcher.gone(instances, "a");
  });

  it("takes its pod along as soon as nothing of that runs any more", async () => {
    await client.create(instances, instance(namespace, "a"));
    const pod = await watcher.podOf("a");
    await kubelet.bind(pod);
    await kubelet.running(pod);
    await watcher.instance("a", "Running", ({ phase }) => phase === "Running");
    await client.delete(instances, { namespace, name: "a" });
    await watcher.instance("a", "not Ready", (status) => conditions(status)["Ready"] === "False");
    await kubelet.ended(pod, { reason: "Stopped", message: "" });
    await watcher.gone(instances, "a");
    assert.equal(await client.find(pods, namespace, pod.metadata.name), undefined);
  });
});

function conditions(status: { conditions?: { type: string; status: string }[] }): Record<string, string> {
  return Object.fromEntries((status.conditions ?? []).map(({ type, status: value }) => [type, value]));
}
