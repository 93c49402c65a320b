import assert from "node:assert/strict";
import {
  virtualMachineInstances as instances,
  type VirtualMachineInstance,
} from "../../src/api/resources.ts";
import type { Client } from "../../src/kube/client.ts";
import type { Pod } from "../../src/kube/object.ts";
import { ACCELERATION_MESSAGE, COMPUTE_CONTAINER } from "../../src/launch-plan/pod-contract.ts";
import { eventually } from "./harness/cluster.ts";
import type { Kubelet } from "./harness/kubelet.ts";
import { NodeLogs } from "./harness/node-logs.ts";
import { instance, type Watcher } from "./harness/objects.ts";
import { withController } from "./harness/stage.ts";

const obstacle = "/proc/cpuinfo shows neither vmx nor svm";
const log = `${JSON.stringify({ msg: ACCELERATION_MESSAGE, accelerator: "tcg", obstacle })}\n`;
const told = { type: "tcg", reason: obstacle };

describe("what a guest runs on", () => {
  let client: Client;
  let kubelet: Kubelet;
  let namespace: string;
  let watcher: Watcher;
  let node: NodeLogs;
  withController((stage) => ({ client, kubelet, namespace, watcher } = stage));
  beforeEach(async () => {
    node = await NodeLogs.start(client, `${namespace}-node`);
  });
  afterEach(async () => node.stop());

  const begin = async (): Promise<Pod> => {
    await client.create(instances, instance(namespace, "a"));
    const pod = await watcher.podOf("a");
    await kubelet.bind(pod, node.node);
    return pod;
  };

  /** The instance as it was after each write, up to the one that is wanted. */
  const writesUntil = async (
    wanted: (status: NonNullable<VirtualMachineInstance["status"]>) => boolean,
    act: () => Promise<void>,
  ): Promise<VirtualMachineInstance[]> => {
    const { resourceVersion } = (await client.get(instances, namespace, "a")).metadata;
    const signal = AbortSignal.timeout(20_000);
    const events = client.watch(instances, { namespace }, { resourceVersion }, signal);
    const seen: VirtualMachineInstance[] = [];
    const acting = act();
    for await (const event of events) {
      const { object } = event as { object: VirtualMachineInstance };
      seen.push(object);
      if (wanted(object.status ?? {})) break;
    }
    await acting;
    return seen;
  };

  it("is told in one write with Running, and in its Event with the reason", async () => {
    const pod = await begin();
    node.say(pod, COMPUTE_CONTAINER, log);
    const seen = await writesUntil(
      ({ accelerator }) => accelerator !== undefined,
      async () => kubelet.running(pod),
    );
    assert.deepEqual(seen.at(-1)?.status?.accelerator, told);
    const running = seen.filter(({ status }) => status?.phase === "Running");
    assert.equal(running.length, 1, "Running was written without it first");
    const note = await eventually("the Event Started", async () => startedNote(client, namespace));
    assert.equal(
      note,
      `the guest runs on node ${node.node}, emulated because KVM is not usable: ${obstacle}`,
    );
  });

  it("does not hold Running up where the node is slow, and is told when that answers", async () => {
    const pod = await begin();
    node.say(pod, COMPUTE_CONTAINER, log, 3_000);
    const seen = await writesUntil(
      ({ accelerator }) => accelerator !== undefined,
      async () => kubelet.running(pod),
    );
    const running = seen.filter(({ status }) => status?.phase === "Running");
    assert.deepEqual(
      running.map(({ status }) => status?.accelerator),
      [undefined, told],
    );
  });

  it("is told at the end where the log could not be read", async () => {
    const pod = await begin();
    await kubelet.running(pod);
    const running = await watcher.instance("a", "Running", ({ phase }) => phase === "Running");
    assert.equal(running.status?.accelerator, undefined);
    await kubelet.ended(pod, { reason: "GuestShutdown", message: "off", acceleration: "kvm" });
    const ended = await watcher.instance("a", "Succeeded", ({ phase }) => phase === "Succeeded");
    assert.deepEqual(ended.status?.accelerator, { type: "kvm" });
  });
});

async function startedNote(client: Client, namespace: string): Promise<string | undefined> {
  const path = `/apis/events.k8s.io/v1/namespaces/${namespace}/events`;
  const { items } = await client.call<{ items: { reason: string; note: string }[] }>("GET", path);
  return items.find(({ reason }) => reason === "Started")?.note;
}
