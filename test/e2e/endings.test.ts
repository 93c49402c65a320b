import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { deleteNamespace, ownNamespace } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";
import { eventsOf, launcherPodOf, waitForPhase } from "../support/instances.ts";
import { kernelGuest, loadKernelLab } from "../support/kernel-guest.ts";
import type { Kubectl } from "../support/kubectl.ts";
import { instance, machine, type Instance } from "../support/objects.ts";
import { PodTraces } from "../support/pod-traces.ts";
import { processesOfPod } from "../support/processes.ts";

interface Ended {
  status: { containerStatuses?: { state?: { terminated?: { exitCode: number; message?: string } } }[] };
}

describe("how a run ends", () => {
  let kubectl: Kubectl;
  before(async () => {
    await loadKernelLab();
    kubectl = await ownNamespace("endings");
  });
  after(async () => deleteNamespace(kubectl));

  /** Reason, exit code, termination message and Event have to agree. */
  const assertTold = async (name: string, reason: string, exitCode: number): Promise<void> => {
    const { metadata } = await launcherPodOf(kubectl, name);
    const pod = await kubectl.get<Ended>("pod", metadata.name);
    const terminated = pod.status.containerStatuses?.[0]?.state?.terminated;
    assert.equal(terminated?.exitCode, exitCode);
    assert.equal((JSON.parse(terminated.message ?? "{}") as { reason?: string }).reason, reason);
    assert.equal((await kubectl.get<Instance>("vmi", name)).status?.reason, reason);
    await eventually(async () => {
      const events = await eventsOf(kubectl, "VirtualMachineInstance", name);
      assert.ok(
        events.some((event) => event.startsWith(`${reason}: `)),
        events.join("\n"),
      );
    }, 10_000);
    await eventually(async () => assert.deepEqual(await processesOfPod(metadata.uid), []), 10_000);
  };
  const processOf = async (name: string, program: string): Promise<number> => {
    const { metadata } = await launcherPodOf(kubectl, name);
    const found = (await processesOfPod(metadata.uid)).find((each) => each.name.startsWith(program));
    assert.ok(found, `${program} runs in the pod of ${name}`);
    return found.pid;
  };

  /** Also what outlives the processes, once the instance is deleted. */
  const assertNothingLeft = async (name: string, traces: PodTraces): Promise<void> => {
    await kubectl.run(["delete", "vmi", name, "--ignore-not-found", "--timeout=60s"]);
    await eventually(async () => assert.deepEqual(await traces.left(), []), 30_000);
  };
  /** As `kubectl drain` does it, without the cordon: other tests want the node. */
  const evict = async (name: string): Promise<{ exitCode: number; output: string }> => {
    const { metadata } = await launcherPodOf(kubectl, name);
    const path = `/api/v1/namespaces/${kubectl.namespace}/pods/${metadata.name}/eviction`;
    const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: metadata.name } };
    return kubectl.try(["create", "--raw", path, "-f", "-"], JSON.stringify(eviction));
  };
  const tracesOf = async (name: string): Promise<PodTraces> =>
    PodTraces.of((await launcherPodOf(kubectl, name)).metadata.uid);

  it("a panic of the guest's kernel is a crash that says so", async () => {
    await kubectl.apply(kernelGuest("panic", "sleep 5; echo c >/proc/sysrq-trigger"));
    await waitForPhase(kubectl, "panic", "Running", 120_000);
    const traces = await tracesOf("panic");
    const failed = await waitForPhase(kubectl, "panic", "Failed", 180_000);
    assert.match(failed.status?.message ?? "", /kernel panicked/);
    await assertTold("panic", "Crashed", 2);
    await assertNothingLeft("panic", traces);
  });

  it("qemu that is killed is a crash", async () => {
    await kubectl.apply(instance("killed"));
    await waitForPhase(kubectl, "killed", "Running");
    const traces = await tracesOf("killed");
    process.kill(await processOf("killed", "qemu"), "SIGKILL");
    const failed = await waitForPhase(kubectl, "killed", "Failed");
    assert.match(failed.status?.message ?? "", /qemu died under the guest/);
    await assertTold("killed", "Crashed", 2);
    await assertNothingLeft("killed", traces);
  });

  it("qemu that somebody asks to end was killed", async () => {
    await kubectl.apply(instance("signalled"));
    await waitForPhase(kubectl, "signalled", "Running");
    const traces = await tracesOf("signalled");
    process.kill(await processOf("signalled", "qemu"), "SIGTERM");
    await waitForPhase(kubectl, "signalled", "Failed");
    await assertTold("signalled", "Killed", 3);
    await assertNothingLeft("signalled", traces);
  });

  it("a pod that is deleted by hand stops the guest, and the instance gets no second one", async () => {
    await kubectl.apply(instance("by-hand"));
    await waitForPhase(kubectl, "by-hand", "Running");
    const traces = await tracesOf("by-hand");
    const { metadata } = await launcherPodOf(kubectl, "by-hand");
    await kubectl.run(["delete", "pod", metadata.name, "--timeout=30s"]);
    const ended = await waitForPhase(kubectl, "by-hand", "Succeeded", 30_000);
    assert.equal(ended.status?.reason, "Stopped");
    await eventually(async () => {
      const events = await eventsOf(kubectl, "VirtualMachineInstance", "by-hand");
      assert.ok(events.some((event) => event.startsWith("Stopped: ")));
    }, 10_000);
    const selector = "nestlet.dev/virtual-machine-instance=by-hand";
    assert.deepEqual(await kubectl.list("pods", "-l", selector), []);
    await assertNothingLeft("by-hand", traces);
  });

  it("a drain of the node has the guest shut down, and its machine starts it again", async () => {
    await kubectl.apply(machine("drained"));
    const first = await waitForPhase(kubectl, "drained", "Running");
    const traces = await tracesOf("drained");
    const { exitCode, output } = await evict("drained");
    assert.equal(exitCode, 0, output);
    await eventually(async () => {
      const next = await kubectl.get<Instance>("vmi", "drained");
      assert.notEqual(next.metadata.uid, first.metadata.uid);
      assert.equal(next.status?.phase, "Running");
    }, 60_000);
    const events = await eventsOf(kubectl, "VirtualMachineInstance", "drained");
    assert.ok(
      events.some((event) => event.startsWith("Stopped: ")),
      events.join("\n"),
    );
    await eventually(async () => assert.deepEqual(await traces.left(), []), 30_000);
    await kubectl.run(["delete", "vm", "drained", "--timeout=60s"]);
  });

  it("a drain of the node waits for an instance that asks for it", async () => {
    await kubectl.apply(instance("stays", { spec: { evictionStrategy: "External" } }));
    await waitForPhase(kubectl, "stays", "Running");
    const traces = await tracesOf("stays");
    const { exitCode, output } = await evict("stays");
    assert.equal(exitCode, 1, output);
    assert.match(output, /disruption budget/);
    assert.equal((await launcherPodOf(kubectl, "stays")).metadata.deletionTimestamp, undefined);
    await assertNothingLeft("stays", traces);
  });

  it("a stop with hardly any grace overrides a long one", async () => {
    await kubectl.apply(instance("long-grace", { grace: 300 }));
    await waitForPhase(kubectl, "long-grace", "Running");
    const traces = await tracesOf("long-grace");
    const { metadata } = await launcherPodOf(kubectl, "long-grace");
    const begun = Date.now();
    // What `nestctl stop --force` asks for.
    await kubectl.run(["delete", "pod", metadata.name, "--grace-period=1", "--timeout=60s"]);
    assert.ok(Date.now() - begun < 60_000);
    const { status } = await waitForPhase(kubectl, "long-grace", "Failed");
    assert.match(`${status?.reason}: ${status?.message}`, /^(Killed|LauncherDied|PodDeleted): ./);
    await assertNothingLeft("long-grace", traces);
  });

  it("a frozen qemu is not a dead one", async () => {
    await kubectl.apply(instance("frozen"));
    await waitForPhase(kubectl, "frozen", "Running");
    const traces = await tracesOf("frozen");
    const qemu = await processOf("frozen", "qemu");
    process.kill(qemu, "SIGSTOP");
    await delay(20_000);
    assert.equal((await kubectl.get<Instance>("vmi", "frozen")).status?.phase, "Running");
    process.kill(qemu, "SIGCONT");
    await assertNothingLeft("frozen", traces);
  });

  it("a frozen qemu is killed when its instance is deleted", async () => {
    await kubectl.apply(instance("stuck"));
    await waitForPhase(kubectl, "stuck", "Running");
    const traces = await tracesOf("stuck");
    process.kill(await processOf("stuck", "qemu"), "SIGSTOP");
    await assertNothingLeft("stuck", traces);
  });

  it("a guest that does not obey is pressed again and again, and then destroyed", async () => {
    await kubectl.apply(instance("deaf", { grace: 12 }));
    await waitForPhase(kubectl, "deaf", "Running");
    const { metadata } = await launcherPodOf(kubectl, "deaf");
    const traces = await tracesOf("deaf");
    const log = kubectl.run(["logs", "--follow", metadata.name]);
    const begun = Date.now();
    await kubectl.run(["delete", "vmi", "deaf", "--timeout=60s"]);
    const seconds = (Date.now() - begun) / 1000;
    assert.ok(seconds >= 12 && seconds < 30, `deleted after ${seconds} s`);
    assert.match(await log, /"reason":"Killed"/);
    await assertNothingLeft("deaf", traces);
  });

  it("a start that takes too long fails at its deadline", async () => {
    // Of 3 % of a processor, however fast it is, libvirtd and qemu get less in a second than they start with.
    const domain = {
      memory: { guest: "64Mi" },
      resources: { limits: { cpu: "30m" } },
      devices: { disks: [{ name: "root" }], interfaces: [{ name: "default", bridge: {} }] },
    };
    await kubectl.apply(instance("late", { spec: { domain, startTimeoutSeconds: 1 } }));
    const traces = await eventually(async () => tracesOf("late"), 60_000, 100);
    const { status } = await waitForPhase(kubectl, "late", "Failed", 180_000);
    assert.match(status?.message ?? "", /does not run 1 s after its launcher started/);
    await assertTold("late", "StartFailed", 4);
    await assertNothingLeft("late", traces);
  });

  it("a pod without memory, whose qemu the kernel kills, has Failed and says so", async () => {
    const domain = {
      memory: { guest: "64Mi" },
      resources: { limits: { memory: "64Mi" } },
      devices: { disks: [{ name: "root" }] },
    };
    await kubectl.apply(instance("hungry", { spec: { domain, networks: [] } }));
    await waitForPhase(kubectl, "hungry", "Running");
    const { metadata } = await launcherPodOf(kubectl, "hungry");
    const traces = await tracesOf("hungry");
    await writeFile(`/proc/${await processOf("hungry", "qemu")}/oom_score_adj`, "1000");
    // Files in memory are the pod's, and no process's that could be killed for them.
    const eat = `mkdir -p /run/eat && mount -t tmpfs none /run/eat && i=0
      while grep -q qemu-system /proc/[0-9]*/comm; do
        dd if=/dev/zero of=/run/eat/$i bs=4M count=1; i=$((i + 1))
      done`;
    await kubectl.try(["exec", metadata.name, "--", "sh", "-c", eat]);
    const { status } = await waitForPhase(kubectl, "hungry", "Failed");
    assert.match(
      `${status?.reason}: ${status?.message}`,
      /^Crashed: qemu died under the guest .*lack of memory/,
    );
    await assertNothingLeft("hungry", traces);
  });
});
