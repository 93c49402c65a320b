import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import {
  virtualMachineInstances as instances,
  type InstanceSpec,
  type VirtualMachineInstance,
} from "../../src/api/resources.ts";
import type { Client } from "../../src/kube/client.ts";
import { podDisruptionBudgets, pods, type Pod } from "../../src/kube/object.ts";
import { controllerOf } from "../../src/kube/ownership.ts";
import type { Kubelet } from "./harness/kubelet.ts";
import { guest, type Watcher } from "./harness/objects.ts";
import { withController } from "./harness/stage.ts";

describe("what an instance asks of its pod", () => {
  let client: Client;
  let kubelet: Kubelet;
  let namespace: string;
  let watcher: Watcher;

  withController((stage) => ({ client, kubelet, namespace, watcher } = stage));

  const create = async (spec: Partial<InstanceSpec>): Promise<Pod> => {
    await client.create(instances, { metadata: { namespace, name: "a" }, spec: { ...guest, ...spec } });
    return watcher.podOf("a");
  };

  const ready = async (status: string, reason: string): Promise<VirtualMachineInstance> =>
    watcher.instance("a", `Ready ${status} ${reason}`, ({ conditions = [] }) =>
      conditions.some((one) => one.type === "Ready" && one.status === status && one.reason === reason),
    );

  it("is spread and ranked as any pod", async () => {
    await client.call("POST", "/apis/scheduling.k8s.io/v1/priorityclasses", {
      apiVersion: "scheduling.k8s.io/v1",
      kind: "PriorityClass",
      metadata: { name: "guests" },
      value: 7,
    });
    const spread = {
      maxSkew: 1,
      topologyKey: "topology.kubernetes.io/zone",
      whenUnsatisfiable: "DoNotSchedule" as const,
      labelSelector: { matchLabels: { app: "shop" } },
    };
    const pod = await create({ topologySpreadConstraints: [spread], priorityClassName: "guests" });
    assert.deepEqual(pod.spec.topologySpreadConstraints, [spread]);
    assert.equal(pod.spec.priorityClassName, "guests");
    assert.equal(pod.spec.priority, 7);
  });

  it("is told when its priority class does not exist", async () => {
    const spec = { ...guest, priorityClassName: "nobles" };
    await client.create(instances, { metadata: { namespace, name: "a" }, spec });
    const waiting = await watcher.instance("a", "PodForbidden", ({ reason }) => reason === "PodForbidden");
    assert.match(waiting.status?.message ?? "", /no PriorityClass with name nobles was found/);
  });

  it("is told when a quota wants limits", async () => {
    const quota = { group: "", version: "v1", plural: "resourcequotas", kind: "ResourceQuota" };
    const hard = { "limits.memory": "1Gi" };
    await client.call("POST", `/api/v1/namespaces/${namespace}/resourcequotas`, {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "strict" },
      spec: { hard },
    });
    const status = { hard, used: { "limits.memory": "0" } };
    await client.mergePatch(quota, { namespace, name: "strict" }, { status }, "status");
    await client.create(instances, { metadata: { namespace, name: "a" }, spec: guest });
    const waiting = await watcher.instance("a", "QuotaExceeded", ({ reason }) => reason === "QuotaExceeded");
    assert.match(
      waiting.status?.message ?? "",
      /spec\.domain\.resources\.limits.*must specify limits\.memory/,
    );
  });

  for (const [title, resources, qosClass] of [
    ["nothing", {}, "Burstable"],
    ["limits alone", { limits: { cpu: "1", memory: "128Mi" } }, "Burstable"],
    [
      "requests below its limits",
      { requests: { cpu: "500m", memory: "64Mi" }, limits: { cpu: "1", memory: "128Mi" } },
      "Burstable",
    ],
    [
      "requests as high as its limits",
      { requests: { cpu: "1", memory: "128Mi" }, limits: { cpu: "1", memory: "128Mi" } },
      "Guaranteed",
    ],
  ] as const) {
    it(`is ${qosClass} when it asks for ${title}`, async () => {
      const pod = await create({ domain: { ...guest.domain, resources } });
      assert.equal(pod.status?.qosClass, qosClass);
    });
  }

  it("is never promised a live migration", async () => {
    await create({});
    const found = await watcher.instance("a", "Scheduling", ({ phase }) => phase === "Scheduling");
    const condition = found.status?.conditions?.find(({ type }) => type === "LiveMigratable");
    assert.equal(condition?.status, "False");
    assert.equal(condition.reason, "LiveMigrationUnsupported");
  });

  it("is protected from evictions where it asks for that, and deleted all the same", async () => {
    const pod = await create({ evictionStrategy: "External" });
    const budget = await client.get(podDisruptionBudgets, namespace, pod.metadata.name);
    assert.equal(budget.spec.minAvailable, 1);
    const [[key, value] = ["", ""]] = Object.entries(budget.spec.selector?.matchLabels ?? {});
    assert.equal(pod.metadata.labels?.[key], value);
    const found = await watcher.instance("a", "Scheduling", ({ phase }) => phase === "Scheduling");
    assert.equal(controllerOf(budget)?.uid, found.metadata.uid);
    await kubelet.bind(pod);
    await kubelet.running(pod);
    await ready("True", "GuestRunning");
    const evict = client.call("POST", `/api/v1/namespaces/${namespace}/pods/${pod.metadata.name}/eviction`, {
      apiVersion: "policy/v1",
      kind: "Eviction",
      metadata: { name: pod.metadata.name, namespace },
    });
    // The answer is 429, which the client waits out; the disruption controller, which is not here, would find none allowed.
    const outcome = evict.then(
      () => "evicted",
      () => "refused",
    );
    assert.equal(await Promise.race([outcome, sleep(2_000, "waiting")]), "waiting");
    assert.equal(
      (await client.get(pods, namespace, pod.metadata.name)).metadata.deletionTimestamp,
      undefined,
    );
    await client.delete(instances, { namespace, name: "a" });
    await watcher.instance("a", "not Ready", (status) => status.conditions?.[0]?.reason === "PodTerminating");
    await kubelet.remove(pod);
    await watcher.gone(instances, "a");
    await outcome;
  });

  it("has no budget where it does not ask for one", async () => {
    const pod = await create({ evictionStrategy: "LiveMigrateIfPossible" });
    assert.equal(await client.find(podDisruptionBudgets, namespace, pod.metadata.name), undefined);
  });

  it("is not Ready before its readiness probe succeeds, though the guest runs", async () => {
    const probe = { httpGet: { port: 80, path: "/ok" }, initialDelaySeconds: 5, periodSeconds: 2 };
    const pod = await create({ readinessProbe: probe });
    const [compute] = pod.spec.containers;
    assert.equal(compute?.readinessProbe?.httpGet?.port, 80);
    assert.equal(compute.readinessProbe.httpGet.path, "/ok");
    assert.equal(compute.readinessProbe.initialDelaySeconds, 5);
    assert.deepEqual(compute.startupProbe?.exec?.command, ["/usr/bin/nestlet-started"]);
    assert.equal(compute.livenessProbe, undefined);
    await kubelet.bind(pod);
    await kubelet.scheduled(pod);
    await watcher.instance("a", "Scheduled", ({ phase }) => phase === "Scheduled");
    await kubelet.unready(pod);
    const running = await ready("False", "ReadinessProbeFailed");
    assert.equal(running.status?.phase, "Running");
    await kubelet.running(pod);
    await ready("True", "GuestRunning");
    await kubelet.unready(pod);
    await ready("False", "ReadinessProbeFailed");
  });

  it("tells whether its guest's agent answers, where its readiness probe asks that", async () => {
    const agent = async (status: string, reason: string): Promise<void> => {
      await watcher.instance("a", `AgentConnected ${status}`, ({ conditions = [] }) =>
        conditions.some(
          (one) => one.type === "AgentConnected" && one.status === status && one.reason === reason,
        ),
      );
    };
    const pod = await create({ readinessProbe: { guestAgentPing: {} } });
    await kubelet.bind(pod);
    await kubelet.unready(pod);
    await agent("False", "AgentDoesNotAnswer");
    await kubelet.running(pod);
    await agent("True", "AgentAnswers");
  });

  it("has Failed when the kubelet ends it for its liveness probe", async () => {
    const pod = await create({ livenessProbe: { tcpSocket: { port: 22 }, failureThreshold: 5 } });
    assert.equal(pod.spec.containers[0]?.livenessProbe?.tcpSocket?.port, 22);
    await kubelet.bind(pod);
    await kubelet.running(pod);
    await ready("True", "GuestRunning");
    await kubelet.ended(pod, { reason: "Stopped", message: "the guest shut down when asked to" });
    const failed = await watcher.instance("a", "Failed", ({ phase }) => phase === "Failed");
    assert.equal(failed.status?.reason, "LivenessProbeFailed");
  });
});
