import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { INSTANCE_FINALIZER, MACHINE_FINALIZER, MACHINE_LABEL } from "../../src/api/metadata.ts";
import {
  virtualMachineInstances as instances,
  virtualMachines as machines,
  type VirtualMachine,
} from "../../src/api/resources.ts";
import type { Client } from "../../src/kube/client.ts";
import { controllerOf } from "../../src/kube/ownership.ts";
import type { Ending } from "../../src/launch-plan/pod-contract.ts";
import type { Kubelet } from "./harness/kubelet.ts";
import { MachineLife } from "./harness/machine-life.ts";
import { instance, machine, type Watcher } from "./harness/objects.ts";
import { withController } from "./harness/stage.ts";

const shutdown: Ending = { reason: "GuestShutdown", message: "the guest powered itself off" };
const crash: Ending = { reason: "Crashed", message: "qemu died" };

describe("a machine", () => {
  let client: Client;
  let kubelet: Kubelet;
  let life: MachineLife;
  let namespace: string;
  let watcher: Watcher;

  const controller = withController((stage) => {
    ({ client, kubelet, namespace, watcher } = stage);
    life = new MachineLife(client, namespace);
  });

  const shows = async (status: string): Promise<VirtualMachine> => life.shows(status);
  const runs = async (): Promise<string> => life.runs();
  const ends = async (ending: Ending): Promise<void> => life.ends(ending);
  const podGoes = async (): Promise<void> => life.podGoes();

  it("runs an instance of its name, made from its template", async () => {
    const labels = { app: "shop" };
    await client.create(machines, machine(namespace, "a", "Always", { metadata: { labels } }));
    const starting = await shows("Starting");
    assert.deepEqual(starting.metadata.finalizers, [MACHINE_FINALIZER]);
    await runs();
    const running = await shows("Running");
    assert.equal(running.status?.ready, true);
    assert.equal(running.status.created, true);
    const run = await client.get(instances, namespace, "a");
    assert.equal(controllerOf(run)?.uid, running.metadata.uid);
    assert.deepEqual(run.metadata.finalizers, [INSTANCE_FINALIZER]);
    assert.deepEqual(run.metadata.labels, { app: "shop", [MACHINE_LABEL]: "a" });
    assert.equal(running.status.lastRun?.uid, run.metadata.uid);
  });

  it("with Always starts again after the guest's own shutdown, though not in a hot loop", async function () {
    this.timeout(60_000);
    await client.create(machines, machine(namespace, "a", "Always"));
    const first = await runs();
    const started = Date.now();
    await ends(shutdown);
    await podGoes();
    const next = await watcher.instance("a", "a new run", (_, { metadata }) => metadata.uid !== first);
    assert.ok(Date.now() - started > 5_000, "the next run came at once");
    assert.notEqual(next.metadata.uid, first);
    assert.equal((await client.get(machines, namespace, "a")).status?.startFailure, undefined);
  });

  it("backs off from a run that fails, and says until when", async () => {
    await client.create(machines, machine(namespace, "a", "Always"));
    const uid = await runs();
    await ends(crash);
    await podGoes();
    const failing = await shows("CrashLoopBackOff");
    const failure = failing.status?.startFailure;
    assert.equal(failure?.consecutiveFailCount, 1);
    assert.equal(failure.lastFailedVMIUID, uid);
    const waitMs = Date.parse(failure.retryAfterTimestamp ?? "") - Date.now();
    assert.ok(waitMs > 5_000 && waitMs <= 15_000, `the next try is in ${String(waitMs)} ms`);
    assert.equal(failing.status?.lastRun?.phase, "Failed");
    assert.equal(failing.status.lastRun.reason, "Crashed");
    await watcher.gone(instances, "a");
  });

  it("with RerunOnFailure remembers that the guest shut itself down", async () => {
    await client.create(machines, machine(namespace, "a", "RerunOnFailure"));
    const uid = await runs();
    await ends(shutdown);
    const stopped = await shows("Stopped");
    assert.equal(stopped.status?.lastRun?.phase, "Succeeded");
    // The memory outlives the instance, and the controller.
    await controller.kill();
    await client.delete(instances, { namespace, name: "a" });
    await controller.start();
    await podGoes();
    await watcher.gone(instances, "a");
    await sleep(500);
    assert.equal(await client.find(instances, namespace, "a"), undefined);
    // Halted forgets it.
    await client.mergePatch(machines, { namespace, name: "a" }, { spec: { runStrategy: "Halted" } });
    await watcher.machine("a", "forgotten", ({ status }) => status?.lastRun === undefined);
    await client.mergePatch(machines, { namespace, name: "a" }, { spec: { runStrategy: "RerunOnFailure" } });
    await watcher.instance("a", "a new run", (_, { metadata }) => metadata.uid !== uid);
  });

  it("with Once runs once", async () => {
    await client.create(machines, machine(namespace, "a", "Once"));
    await runs();
    await ends(crash);
    await shows("Stopped");
    await client.delete(instances, { namespace, name: "a" });
    await podGoes();
    await watcher.gone(instances, "a");
    await sleep(500);
    assert.equal(await client.find(instances, namespace, "a"), undefined);
    assert.equal((await shows("Stopped")).status?.lastRun?.reason, "Crashed");
  });

  it("with Halted has no instance, and loses the one it has", async () => {
    await client.create(machines, machine(namespace, "a", "Halted"));
    await shows("Stopped");
    assert.equal(await client.find(instances, namespace, "a"), undefined);
    await client.mergePatch(
      machines,
      { namespace, name: "a" },
      { spec: { runStrategy: null, running: true } },
    );
    await runs();
    await client.mergePatch(machines, { namespace, name: "a" }, { spec: { running: false } });
    await shows("Stopping");
    await podGoes();
    await watcher.gone(instances, "a");
    const stopped = await shows("Stopped");
    assert.equal(stopped.status?.runStrategy, "Halted");
  });

  it("shows what its instance waits for", async () => {
    await client.create(machines, machine(namespace, "a", "Always"));
    const pod = await watcher.podOf("a");
    await kubelet.unschedulable(pod, "0/1 nodes are available");
    await shows("ErrorUnschedulable");
    await kubelet.bind(pod);
    await kubelet.waiting(pod, "ErrImagePull", "not found");
    await shows("ErrImagePull");
    await kubelet.waiting(pod, "ImagePullBackOff", "back-off");
    await shows("ImagePullBackOff");
    await kubelet.running(pod);
    await shows("Running");
  });

  it("is left alone while somebody says so, and says that", async () => {
    await client.create(machines, machine(namespace, "a", "Always"));
    await runs();
    await shows("Running");
    await life.annotate("nestlet.dev/paused", "");
    const held = (about: string, words: RegExp): Promise<VirtualMachine> =>
      watcher.machine("a", about, ({ status }) =>
        words.test(status?.conditions?.find(({ type }) => type === "ReconciliationPaused")?.message ?? ""),
      );
    await held("it is held", /nothing is done about the machine; remove it/);
    await client.mergePatch(machines, { namespace, name: "a" }, { spec: { runStrategy: "Halted" } });
    await held("it says what waits", /to delete its instance has to wait/);
    await client.delete(machines, { namespace, name: "a" });
    await held("it says that it is not deleted", /it is not deleted/);
    const run = await client.get(instances, namespace, "a");
    assert.equal(run.status?.phase, "Running");
    assert.equal(run.metadata.deletionTimestamp, undefined);
    await life.annotate("nestlet.dev/paused", null);
    await podGoes();
    await watcher.gone(machines, "a");
  });

  it("starts nothing in the place of a lost node's guest, until somebody gives its pod up", async function () {
    this.timeout(60_000);
    await client.create(machines, machine(namespace, "a", "Always"));
    const lost = await runs();
    const pod = await watcher.podOf("a");
    await kubelet.nodeLost(pod);
    await shows("Unknown");
    await sleep(500);
    assert.equal((await client.get(instances, namespace, "a")).metadata.uid, lost);
    // As kubectl delete pod --force --grace-period=0 does, which the instance's message tells.
    await kubelet.remove(pod);
    const next = await watcher.instance("a", "the next run", (_, { metadata }) => metadata.uid !== lost);
    assert.notEqual(next.metadata.uid, lost);
    await runs();
    await shows("Running");
  });

  it("takes its instance with it when it is deleted", async () => {
    await client.create(machines, machine(namespace, "a", "Always"));
    await runs();
    await client.delete(machines, { namespace, name: "a" });
    const terminating = await shows("Terminating");
    assert.deepEqual(terminating.metadata.finalizers, [MACHINE_FINALIZER]);
    await podGoes();
    await watcher.gone(instances, "a");
    await watcher.gone(machines, "a");
  });

  it("reports an instance of its name that is not its own, and leaves it alone", async () => {
    const foreign = await client.create(instances, instance(namespace, "a"));
    await client.create(machines, machine(namespace, "a", "Always"));
    const found = await watcher.machine("a", "a failure", ({ status }) =>
      (status?.conditions ?? []).some(({ type }) => type === "Failure"),
    );
    const failure = found.status?.conditions?.find(({ type }) => type === "Failure");
    assert.equal(failure?.reason, "InstanceNameTaken");
    assert.match(
      failure.message,
      /VirtualMachineInstance a exists and does not belong to this machine; delete it/,
    );
    const left = await client.get(instances, namespace, "a");
    assert.equal(left.metadata.uid, foreign.metadata.uid);
    assert.equal(controllerOf(left), undefined);
    // Its pod was never bound to a node, so the API server removes it without a kubelet.
    await client.delete(instances, { namespace, name: "a" });
    await watcher.instance("a", "its own", (_, { metadata }) => metadata.uid !== foreign.metadata.uid);
    await watcher.machine("a", "no failure", ({ status }) =>
      (status?.conditions ?? []).every(({ type }) => type !== "Failure"),
    );
  });
});
