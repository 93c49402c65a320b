import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { CONTROLLER_NAME, INSTANCE_FINALIZER, MACHINE_FINALIZER } from "../../src/api/metadata.ts";
import {
  virtualMachineInstances as instances,
  virtualMachines as machines,
} from "../../src/api/resources.ts";
import type { Client } from "../../src/kube/client.ts";
import { pods, type Pod } from "../../src/kube/object.ts";
import { budget, endOfLog, ownOf, tally, writesIn, type Write } from "./harness/audit.ts";
import { eventually, installAdmission, startCluster, stopCluster, type Cluster } from "./harness/cluster.ts";
import { startController, type RunningController } from "./harness/controller.ts";
import { Kubelet } from "./harness/kubelet.ts";
import { instance, machine, Watcher } from "./harness/objects.ts";

const isEvent = ({ resource }: Write): boolean => resource === "events";
const named = ({ verb, resource }: Write): string => `${verb} ${resource}`;

describe("what an instance on its own costs the API server", function () {
  this.timeout(60_000);
  let cluster: Cluster;
  let client: Client;
  let controller: RunningController;
  let kubelet: Kubelet;
  let namespace: string;
  let watcher: Watcher;

  before(async function () {
    this.timeout(120_000);
    cluster = await startCluster({ audit: true });
    ({ client } = cluster);
    kubelet = new Kubelet(client);
    controller = await startController(cluster.server.kubeconfig, "--leader-elect");
  });

  beforeEach(async () => {
    namespace = await cluster.namespace();
    watcher = new Watcher(client, namespace);
  });

  after(async () => {
    await controller.terminate();
    await stopCluster(cluster);
  });

  /**
   * The controller's writes in a life from its creation to its deletion, after which the guest shuts down and the kubelet
   * says so, as on a node.
   */
  const lives = async (starts: (pod: Pod) => Promise<void>, stops: () => Promise<void>): Promise<Write[]> => {
    const { auditLog } = cluster.server;
    const mark = await endOfLog(auditLog);
    await client.create(instances, instance(namespace, "a"));
    const pod = await watcher.podOf("a");
    await kubelet.bind(pod);
    await starts(pod);
    await kubelet.running(pod);
    await watcher.instance("a", "Running", ({ phase }) => phase === "Running");
    await client.delete(instances, { namespace, name: "a" });
    await eventually("the pod is being deleted", async () =>
      (await client.get(pods, namespace, pod.metadata.name)).metadata.deletionTimestamp === undefined
        ? undefined
        : true,
    );
    await stops();
    await kubelet.ended(pod, { reason: "Stopped", message: "the guest shut down" });
    await watcher.gone(instances, "a");
    assert.equal(await client.find(pods, namespace, pod.metadata.name), undefined);
    // A request is logged after it was answered.
    return eventually("the last write is in the log", async () => {
      const own = ownOf(await writesIn(auditLog, mark));
      return own.findLast((write) => !isEvent(write))?.verb === "patch" ? own : undefined;
    });
  };

  const atOnce = async (): Promise<void> => Promise.resolve();

  const within = (writes: readonly Write[], most: number): void => {
    const events = writes.filter(isEvent).length;
    assert.ok(writes.length - events <= most, JSON.stringify(tally(writes)));
    assert.ok(events <= budget.events, JSON.stringify(tally(writes)));
  };

  it("is one write more where the controller has to add its finalizer, which it stores before it makes the pod", async () => {
    const writes = await lives(atOnce, atOnce);
    within(writes, budget.writes + 1);
    const [first, second] = writes.filter((write) => !isEvent(write)).map(named);
    assert.deepEqual([first, second], ["patch virtualmachineinstances", "create pods"]);
  });

  it("is nothing while nothing happens, but for the Lease, every two seconds", async () => {
    await client.create(instances, instance(namespace, "a"));
    const pod = await watcher.podOf("a");
    await kubelet.bind(pod);
    await kubelet.running(pod);
    await watcher.instance("a", "Running", ({ phase }) => phase === "Running");
    // Events are written behind.
    await sleep(1_000);
    const { auditLog } = cluster.server;
    const mark = await endOfLog(auditLog);
    await sleep(7_000);
    const writes = (await writesIn(auditLog, mark)).filter(({ agent }) => agent === CONTROLLER_NAME);
    assert.deepEqual(Object.keys(tally(writes)), ["patch leases"]);
    assert.ok(writes.length >= 2 && writes.length <= 4, `${String(writes.length)} renewals in seven seconds`);
    await kubelet.remove(pod);
    await client.delete(instances, { namespace, name: "a" });
    await watcher.gone(instances, "a");
  });

  describe("with the chart's admission policy", () => {
    before(async () => {
      await installAdmission(client);
    });

    it("is six writes", async () => {
      within(await lives(atOnce, atOnce), budget.writes);
    });

    it("is two more in a life that takes its time: the start, and the shutdown, are told where they last", async () => {
      const shown = async (what: string, wanted: string): Promise<void> => {
        await watcher.instance("a", what, ({ phase, conditions = [] }) =>
          [phase, ...conditions.map(({ reason }) => reason)].includes(wanted),
        );
      };
      const slowly = async (pod: Pod): Promise<void> => {
        await kubelet.scheduled(pod);
        await shown("its launcher has started", "Scheduled");
      };
      const writes = await lives(slowly, async () => shown("its guest is shutting down", "PodTerminating"));
      within(writes, budget.writes + 2);
    });

    it("gives each kind its finalizer, beside the user's own, and a machine's instance one alone", async () => {
      const own = { namespace, name: "b", finalizers: ["example.com/mine"] };
      const made = await client.create(instances, { ...instance(namespace, "b"), metadata: own });
      assert.deepEqual(made.metadata.finalizers, ["example.com/mine", INSTANCE_FINALIZER]);
      await client.mergePatch(instances, own, { metadata: { finalizers: [INSTANCE_FINALIZER] } });
      const owner = await client.create(machines, machine(namespace, "c", "Always"));
      assert.deepEqual(owner.metadata.finalizers, [MACHINE_FINALIZER]);
      const run = await watcher.instance("c", "Scheduling", ({ phase }) => phase === "Scheduling");
      assert.deepEqual(run.metadata.finalizers, [INSTANCE_FINALIZER]);
      await client.delete(instances, own);
      await client.delete(machines, owner.metadata);
      await watcher.gone(instances, "b");
      await watcher.gone(machines, "c");
    });
  });
});
