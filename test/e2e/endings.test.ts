import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { deleteNamespace, ownNamespace } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";
import { ignitionConfig, Login } from "../support/guest.ts";
import { eventsOf, launcherPodOf, waitForPhase } from "../support/instances.ts";
import type { Kubectl } from "../support/kubectl.ts";
import { instance, type Instance } from "../support/objects.ts";
import { processesOfPod } from "../support/processes.ts";

interface Ended {
  status: { containerStatuses?: { state?: { terminated?: { exitCode: number; message?: string } } }[] };
}

describe("how a run ends", () => {
  let kubectl: Kubectl;
  before(async () => (kubectl = await ownNamespace("endings")));
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

  it("a panic of the guest's kernel is a crash that says so", async () => {
    const login = await Login.create();
    try {
      const panic = {
        systemd: {
          units: [
            {
              name: "panic.service",
              enabled: true,
              contents:
                "[Unit]\nAfter=multi-user.target\n[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo 1 >/proc/sys/kernel/sysrq; echo c >/proc/sysrq-trigger'\n[Install]\nWantedBy=multi-user.target\n",
            },
          ],
        },
      };
      const ignition = { inline: ignitionConfig(login.publicKey, panic) };
      const image = "nestlet.dev/coreos-lab:1.36";
      await kubectl.apply(instance("panic", { image, memory: "512Mi", ignition, grace: 60 }));
      const failed = await waitForPhase(kubectl, "panic", "Failed", 300_000);
      assert.match(failed.status?.message ?? "", /kernel panicked/);
      await assertTold("panic", "Crashed", 2);
    } finally {
      await login.remove();
    }
  });

  it("qemu that is killed is a crash", async () => {
    await kubectl.apply(instance("killed"));
    await waitForPhase(kubectl, "killed", "Running");
    process.kill(await processOf("killed", "qemu"), "SIGKILL");
    const failed = await waitForPhase(kubectl, "killed", "Failed");
    assert.match(failed.status?.message ?? "", /qemu died under the guest/);
    await assertTold("killed", "Crashed", 2);
  });

  it("qemu that somebody asks to end was killed", async () => {
    await kubectl.apply(instance("signalled"));
    await waitForPhase(kubectl, "signalled", "Running");
    process.kill(await processOf("signalled", "qemu"), "SIGTERM");
    await waitForPhase(kubectl, "signalled", "Failed");
    await assertTold("signalled", "Killed", 3);
  });

  it("a frozen qemu is not a dead one", async () => {
    await kubectl.apply(instance("frozen"));
    await waitForPhase(kubectl, "frozen", "Running");
    const qemu = await processOf("frozen", "qemu");
    process.kill(qemu, "SIGSTOP");
    await delay(20_000);
    assert.equal((await kubectl.get<Instance>("vmi", "frozen")).status?.phase, "Running");
    process.kill(qemu, "SIGCONT");
    await kubectl.run(["delete", "vmi", "frozen", "--timeout=30s"]);
  });

  it("a frozen qemu is killed when its instance is deleted", async () => {
    await kubectl.apply(instance("stuck"));
    await waitForPhase(kubectl, "stuck", "Running");
    const { metadata } = await launcherPodOf(kubectl, "stuck");
    process.kill(await processOf("stuck", "qemu"), "SIGSTOP");
    await kubectl.run(["delete", "vmi", "stuck", "--timeout=60s"]);
    await eventually(async () => assert.deepEqual(await processesOfPod(metadata.uid), []), 10_000);
  });

  it("a guest that does not obey is pressed again and again, and then destroyed", async () => {
    await kubectl.apply(instance("deaf", { grace: 12 }));
    await waitForPhase(kubectl, "deaf", "Running");
    const { metadata } = await launcherPodOf(kubectl, "deaf");
    const log = kubectl.run(["logs", "--follow", metadata.name]);
    const begun = Date.now();
    await kubectl.run(["delete", "vmi", "deaf", "--timeout=60s"]);
    const seconds = (Date.now() - begun) / 1000;
    assert.ok(seconds >= 12 && seconds < 30, `deleted after ${seconds} s`);
    assert.match(await log, /"reason":"Killed"/);
  });

  it("a start that takes too long fails at its deadline", async () => {
    await kubectl.apply(instance("late", { spec: { startTimeoutSeconds: 1 } }));
    const ended = await eventually(async () => {
      const late = await kubectl.get<Instance>("vmi", "late");
      assert.match(late.status?.phase ?? "", /^(Running|Failed)$/);
      return late;
    }, 60_000);
    // A fast machine starts within the second; what must not be is a start that neither fails nor runs.
    if (ended.status?.phase === "Running") return;
    assert.match(ended.status?.message ?? "", /does not run 1 s after its launcher started/);
    await assertTold("late", "StartFailed", 4);
  });

  it("a launcher that has no memory left is told by the kubelet's word", async () => {
    const domain = {
      memory: { guest: "64Mi" },
      resources: { limits: { memory: "64Mi" } },
      devices: { disks: [{ name: "root" }] },
    };
    await kubectl.apply(instance("hungry", { spec: { domain, networks: [] } }));
    await waitForPhase(kubectl, "hungry", "Running");
    const { metadata } = await launcherPodOf(kubectl, "hungry");
    const eat = "busybox dd if=/dev/zero of=/dev/null bs=600M count=1";
    await kubectl.try(["exec", metadata.name, "--", "sh", "-c", eat]);
    await eventually(async () => {
      const { status } = await kubectl.get<Instance>("vmi", "hungry");
      // The kernel chooses whom of the pod it kills: dd, which ends nothing, or qemu or the launcher.
      assert.match(
        `${status?.phase} ${status?.reason ?? ""}`,
        /^Running|^Failed (OOMKilled|Crashed|LauncherDied)/,
      );
    }, 30_000);
  });
});
