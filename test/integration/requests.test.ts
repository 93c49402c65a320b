import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import {
  virtualMachineInstances as instances,
  virtualMachines as machines,
  type RunStrategy,
  type VirtualMachine,
} from "../../src/api/resources.ts";
import type { Client } from "../../src/kube/client.ts";
import { COMPUTE_CONTAINER, PAUSED_MESSAGE } from "../../src/launch-plan/pod-contract.ts";
import { MachineLife } from "./harness/machine-life.ts";
import { NodeLogs } from "./harness/node-logs.ts";
import { guest, machine } from "./harness/objects.ts";
import { withController } from "./harness/stage.ts";

describe("a machine that is asked", () => {
  let client: Client;
  let namespace: string;
  let life: MachineLife;

  const controller = withController((stage) => {
    ({ client, namespace } = stage);
    life = new MachineLife(client, namespace);
  });

  const create = async (strategy: RunStrategy): Promise<VirtualMachine> =>
    client.create(machines, machine(namespace, "a", strategy));

  const staysWithoutInstance = async (): Promise<void> => {
    await sleep(500);
    assert.equal(await client.find(instances, namespace, "a"), undefined);
  };

  const restartedController = async (): Promise<void> => {
    await controller.kill();
    await controller.start();
  };

  it("with Manual runs from start to stop, and not otherwise", async function () {
    this.timeout(90_000);
    await create("Manual");
    await life.shows("Stopped");
    await staysWithoutInstance();
    assert.equal((await life.request("start")).accepted, true);
    const first = await life.runs();
    const running = await life.shows("Running");
    assert.equal(running.status?.stateChangeRequests, undefined);
    assert.equal((await life.request("stop")).accepted, true);
    await life.shows("Stopping");
    await life.podGoes();
    await life.watcher.gone(instances, "a");
    const stopped = await life.shows("Stopped");
    assert.equal(stopped.status?.lastRun?.reason, "StopRequested");
    await restartedController();
    await staysWithoutInstance();
    await life.request("start");
    assert.notEqual(await life.runs(), first);
    assert.deepEqual(
      (await life.watcher.eventReasons("VirtualMachine", "a")).filter((reason) => /Request/.test(reason)),
      ["RequestAccepted", "RequestAccepted", "RequestAccepted"],
    );
  });

  it("to restart gets another run at once, though the guest had to be killed", async () => {
    await create("Always");
    const first = await life.runs();
    await life.request("restart");
    await life.shows("Stopping");
    await life.ends({ reason: "Killed", message: "the guest did not shut down" });
    await life.podGoes();
    const next = await life.watcher.instance("a", "the next", (_, { metadata }) => metadata.uid !== first);
    assert.notEqual(next.metadata.uid, first);
    const found = await life.watcher.machine(
      "a",
      "the request is done",
      ({ status }) => status?.stateChangeRequests === undefined && status?.lastRun?.uid === next.metadata.uid,
    );
    assert.equal(found.status?.startFailure, undefined);
  });

  it("gets what was asked for though the controller was killed before and amid it", async function () {
    this.timeout(120_000);
    await create("RerunOnFailure");
    const first = await life.runs();
    await controller.kill();
    await life.annotate("nestlet.dev/request", "restart");
    await controller.start();
    await life.shows("Stopping");
    const stopping = await client.get(machines, namespace, "a");
    assert.equal(stopping.metadata.annotations?.["nestlet.dev/request"], undefined);
    assert.deepEqual(stopping.status?.stateChangeRequests, [
      { action: "Stop", uid: first },
      { action: "Start", uid: first },
    ]);
    await controller.kill();
    await life.ends({ reason: "GuestShutdown", message: "the guest powered itself off" });
    await controller.start();
    await life.podGoes();
    assert.notEqual(await life.runs(), first);
    await life.request("stop");
    await life.shows("Stopping");
    await controller.kill();
    await controller.start();
    await life.podGoes();
    await life.watcher.gone(instances, "a");
    assert.equal((await life.shows("Stopped")).status?.lastRun?.reason, "StopRequested");
    await staysWithoutInstance();
  });

  it("for what its run strategy rules out says so, with the remedy", async () => {
    await create("Always");
    await life.runs();
    const answer = await life.request("stop");
    assert.equal(answer.accepted, false);
    assert.match(answer.message ?? "", /kubectl patch vm a .*"runStrategy":"Halted"/);
    assert.equal((await life.shows("Running")).status?.lastRequest?.accepted, false);
    assert.match((await life.request("explode")).message ?? "", /"explode" is not known/);
    const reasons = await life.watcher.eventReasons("VirtualMachine", "a");
    assert.ok(reasons.includes("RequestRefused"));
  });

  it("to start amid a crash loop tries at once and counts anew", async () => {
    await create("Always");
    const first = await life.runs();
    await life.ends({ reason: "Crashed", message: "qemu died" });
    await life.podGoes();
    await life.watcher.gone(instances, "a");
    const readyOf = ({ status }: VirtualMachine): { reason?: string; message?: string } | undefined =>
      status?.conditions?.find(({ type }) => type === "Ready");
    const failing = await life.watcher.machine(
      "a",
      "its back-off",
      (found) => readyOf(found)?.reason === "CrashLoopBackOff",
    );
    assert.equal(failing.status?.printableStatus, "CrashLoopBackOff");
    assert.match(
      readyOf(failing)?.message ?? "",
      /^the last run failed \(Crashed\); the next one starts at 2/,
    );
    const asked = Date.now();
    await life.request("start");
    await life.watcher.instance("a", "the next", (_, { metadata }) => metadata.uid !== first);
    assert.ok(Date.now() - asked < 5_000, "it was not started at once");
  });
});

describe("a machine's template", () => {
  let client: Client;
  let life: MachineLife;
  let namespace: string;

  const controller = withController((stage) => {
    ({ client, namespace } = stage);
    life = new MachineLife(client, namespace);
  });

  const restartRequired = async (wanted: RegExp | undefined): Promise<void> => {
    await life.watcher.machine("a", `RestartRequired ${String(wanted)}`, ({ status }) => {
      const condition = status?.conditions?.find(({ type }) => type === "RestartRequired");
      return wanted === undefined ? condition === undefined : wanted.test(condition?.message ?? "");
    });
  };

  it("that is changed asks for a restart until it is as before, or the machine was restarted", async () => {
    await client.create(machines, machine(namespace, "a", "Always"));
    await life.runs();
    await restartRequired(undefined);
    const memory = (amount: string): object => ({
      spec: { template: { spec: { domain: { memory: { guest: amount } } } } },
    });
    await life.patch(memory("128Mi"));
    await restartRequired(/spec\.template\.spec\.domain\.memory\.guest/);
    await life.patch(memory("64Mi"));
    await restartRequired(undefined);
    await life.patch(memory("128Mi"));
    await life.patch({ spec: { template: { metadata: { labels: { app: "shop" } } } } });
    await restartRequired(
      /spec\.template\.metadata\.labels\.app, spec\.template\.spec\.domain\.memory\.guest/,
    );
    await life.request("restart");
    await life.shows("Stopping");
    await life.podGoes();
    await life.runs();
    await restartRequired(undefined);
    const run = await client.get(instances, namespace, "a");
    assert.equal(run.spec.domain.memory?.guest, "128Mi");
    assert.equal(run.metadata.labels?.["app"], "shop");
  });

  it("that the API server refuses is reported once and tried again", async () => {
    const quota = { group: "", version: "v1", plural: "resourcequotas", kind: "ResourceQuota" };
    const count = "count/virtualmachineinstances.nestlet.dev";
    await client.call("POST", `/api/v1/namespaces/${namespace}/resourcequotas`, {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "none" },
      spec: { hard: { [count]: "0" } },
    });
    // There is no quota controller here: what is used is written for it.
    const status = { hard: { [count]: "0" }, used: { [count]: "0" } };
    await client.mergePatch(quota, { namespace, name: "none" }, { status }, "status");
    await client.create(machines, machine(namespace, "a", "Always"));
    const refused = await life.shows("Error");
    const failure = refused.status?.conditions?.find(({ type }) => type === "Failure");
    assert.equal(failure?.reason, "InstanceRefused");
    assert.match(failure.message, /exceeded quota: none/);
    // Looked at again, as by any change of the object, it tells nothing new.
    await life.annotate("note", "1");
    await sleep(1_000);
    const again = await client.get(machines, namespace, "a");
    assert.deepEqual(again.status, refused.status);
    const reasons = await life.watcher.eventReasons("VirtualMachine", "a");
    assert.deepEqual(reasons, ["InstanceRefused"]);
    await client.delete(quota, { namespace, name: "none" });
    await life.annotate("note", "2");
    await life.watcher.podOf("a");
    await life.watcher.machine("a", "no failure", ({ status: now }) =>
      (now?.conditions ?? []).every(({ type }) => type !== "Failure"),
    );
  });

  it("whose guest is paused says so, for as long as it is", async () => {
    const logs = await NodeLogs.start(client, `${namespace}-node`);
    try {
      await client.create(machines, machine(namespace, "a", "Always", { spec: guest }));
      const pod = await life.watcher.podOf("a");
      await life.kubelet.bind(pod, logs.node);
      await life.kubelet.running(pod);
      await life.shows("Running");
      const say = (...lines: object[]): void => {
        const log = lines.map((line) => `${JSON.stringify(line)}\n`).join("login:\n");
        logs.say(pod, COMPUTE_CONTAINER, log);
      };
      say({ msg: PAUSED_MESSAGE, reason: "User" }, { msg: "verb" });
      await life.kubelet.unready(pod);
      assert.equal((await life.shows("Paused")).status?.ready, false);
      const paused = await client.get(instances, namespace, "a");
      assert.equal(paused.status?.phase, "Running");
      const reasonOf = (type: string): string | undefined =>
        paused.status?.conditions?.find((condition) => condition.type === type)?.reason;
      assert.deepEqual([reasonOf("Paused"), reasonOf("Ready")], ["User", "GuestPaused"]);
      await controller.kill();
      await controller.start();
      await life.annotate("note", "1");
      // Longer than a status may settle.
      await sleep(4_000);
      assert.deepEqual((await client.get(instances, namespace, "a")).status, paused.status);
      await life.kubelet.running(pod);
      assert.equal((await life.shows("Running")).status?.ready, true);
    } finally {
      await logs.stop();
    }
  }).timeout(90_000);
});
