import assert from "node:assert/strict";
import { deleteNamespace, ownNamespace } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";
import { eventsOf, launcherPodOf, waitForPhase } from "../support/instances.ts";
import type { Kubectl } from "../support/kubectl.ts";
import { condition, instance, machine, type Instance, type Machine } from "../support/objects.ts";
import { PodTraces } from "../support/pod-traces.ts";
import { processesOfPod } from "../support/processes.ts";

describe("an instance in the lab", () => {
  let kubectl: Kubectl;
  before(async () => {
    kubectl = await ownNamespace("instance");
  });
  after(async () => deleteNamespace(kubectl));

  it("runs, and kubectl get vmis shows address, node and readiness", async () => {
    await kubectl.apply(instance("shown"));
    const running = await waitForPhase(kubectl, "shown", "Running");
    const pod = await launcherPodOf(kubectl, "shown");
    assert.equal(running.status?.interfaces?.[0]?.ipAddress, pod.status.podIP);
    assert.equal(running.status?.nodeName, pod.spec.nodeName);
    assert.equal(condition(running, "Ready")?.status, "True");
    const [header = "", row = ""] = (await kubectl.run(["get", "vmis"])).split("\n");
    assert.match(header, /^NAME +PHASE +IP +NODE +READY +AGE/);
    assert.match(row, new RegExp(`^shown +Running +${pod.status.podIP} +${pod.spec.nodeName} +True +`));
  });

  it("tells in its status and its Event what the guest runs on", async () => {
    const { metadata } = await launcherPodOf(kubectl, "shown");
    const accelerator = (await kubectl.get<Instance>("vmi", "shown")).status?.accelerator;
    const list = await kubectl.run(["exec", metadata.name, "--", "virsh", "-q", "list", "--name"]);
    const xml = await kubectl.run(["exec", metadata.name, "--", "virsh", "dumpxml", list.trim()]);
    assert.match(xml, accelerator?.type === "kvm" ? /<domain type='kvm'/ : /<domain type='qemu'/);
    assert.match(
      await kubectl.run(["get", "vmi", "shown", "-o", "wide", "--no-headers"]),
      new RegExp(` ${String(accelerator?.type)} `),
    );
    const started = await eventually(async () => {
      const notes = await eventsOf(kubectl, "VirtualMachineInstance", "shown");
      return notes.find((note) => note.startsWith("Started")) ?? assert.fail("no Event Started");
    }, 10_000);
    if (accelerator?.type === "kvm") assert.match(started, /, with KVM$/);
    else assert.match(started, /, emulated because KVM is not usable: (\/proc\/cpuinfo|\/dev\/kvm) /);
    assert.ok(accelerator?.type === "kvm" || started.endsWith(String(accelerator?.reason)));
  });

  it("joins the guest to the pod's network by a bridge", async () => {
    const { metadata } = await launcherPodOf(kubectl, "shown");
    const links = await kubectl.run([
      "exec",
      metadata.name,
      "--",
      "ip",
      "-o",
      "link",
      "show",
      "master",
      "br1",
    ]);
    assert.match(links, /\beth0[@:]/);
    assert.match(links, /\bvnet0[@:]/);
    const addresses = await kubectl.run([
      "exec",
      metadata.name,
      "--",
      "ip",
      "-o",
      "-4",
      "address",
      "show",
      "dev",
      "eth0",
    ]);
    assert.equal(addresses.trim(), "", "the pod must not hold the guest's address");
    await kubectl.run(["exec", metadata.name, "--", "ls", "/tmp/healthy"]);
  });

  it("holds no token of a service account", async () => {
    const { metadata } = await launcherPodOf(kubectl, "shown");
    const inPod = async (...command: string[]): Promise<string> =>
      kubectl.run(["exec", metadata.name, "--", "busybox", ...command]);
    assert.equal((await inPod("find", "/run", "/var/run/", "-name", "serviceaccount*")).trim(), "");
    assert.doesNotMatch(await inPod("env"), /token/i);
  });

  it("goes with its pod and all that this has on its node when it is deleted", async () => {
    const { metadata } = await launcherPodOf(kubectl, "shown");
    const traces = await PodTraces.of(metadata.uid);
    const before = (await traces.left()).join("\n");
    for (const trace of [/^process \d+ qemu/m, / net:\[/, /kubelet\/pods\/[0-9a-f-]+$/m])
      assert.match(before, trace);
    await kubectl.run(["delete", "vmi", "shown", "--timeout=30s"]);
    assert.equal((await kubectl.try(["get", "pod", metadata.name])).exitCode, 1);
    await eventually(async () => assert.deepEqual(await traces.left(), []), 30_000);
  });

  it("is what a manifest of KubeVirt describes, with another apiVersion", async () => {
    const devices = {
      disks: [
        { name: "containerdisk", disk: { bus: "virtio" } },
        { name: "cloudinitdisk", disk: { bus: "virtio" } },
      ],
      interfaces: [{ name: "default", masquerade: {} }],
    };
    const spec = {
      domain: { devices, resources: { requests: { memory: "64Mi" } } },
      networks: [{ name: "default", pod: {} }],
      volumes: [
        { name: "containerdisk", containerDisk: { image: "nestlet.dev/halt:1" } },
        {
          name: "cloudinitdisk",
          cloudInitNoCloud: { userDataBase64: Buffer.from("#cloud-config\n").toString("base64") },
        },
      ],
    };
    const metadata = { labels: { "kubevirt.io/domain": "brought", "kubevirt.io/size": "small" } };
    await kubectl.apply({
      apiVersion: "nestlet.dev/v1alpha1",
      kind: "VirtualMachine",
      metadata: { name: "brought" },
      spec: { runStrategy: "Always", template: { metadata, spec } },
    });
    await waitForPhase(kubectl, "brought", "Running");
    const pod = await launcherPodOf(kubectl, "brought");
    const list = ["exec", pod.metadata.name, "--", "virsh", "-q", "domblklist", "--details"];
    const disks = await kubectl.run([...list, `${kubectl.namespace}_brought`]);
    assert.match(disks, /disk +vda .*\n.*disk +vdb .*cloudinitdisk\.iso/);
    const labelled = await kubectl.list("pods", "-l", "kubevirt.io/domain=brought");
    assert.equal(labelled.length, 1, "its labels reach the pod");
    // Its guest does not obey, and has thirty seconds by default. The namespace goes when it has gone.
    await kubectl.run(["delete", "vm", "brought", "--wait=false"]);
  });

  it("outlives its libvirtd, which comes back to the same qemu", async () => {
    await kubectl.apply(instance("steady"));
    await waitForPhase(kubectl, "steady", "Running");
    const { metadata } = await launcherPodOf(kubectl, "steady");
    const named = async (name: string): Promise<number | undefined> =>
      (await processesOfPod(metadata.uid)).find((each) => each.name.startsWith(name))?.pid;
    const [libvirtd, qemu] = [await named("libvirtd"), await named("qemu")];
    assert.ok(libvirtd !== undefined && qemu !== undefined);
    process.kill(libvirtd, "SIGKILL");
    await eventually(async () => {
      const next = await named("libvirtd");
      assert.ok(next !== undefined && next !== libvirtd);
    }, 20_000);
    const virsh = ["exec", metadata.name, "--", "virsh", "-q", "list", "--state-running", "--name"];
    await eventually(async () => assert.notEqual((await kubectl.run(virsh)).trim(), ""), 20_000);
    assert.equal(await named("qemu"), qemu);
    assert.equal((await kubectl.get<Instance>("vmi", "steady")).status?.phase, "Running");
    await kubectl.run(["delete", "vmi", "steady", "--timeout=30s"]);
  });

  it("deleted before it runs does not wait for the guest's grace period", async () => {
    // With an image that is nowhere it cannot come to run meanwhile, however slow kubectl is.
    await kubectl.apply(instance("hasty", { grace: 300, image: "nestlet.dev/no-such-image:1" }));
    await eventually(async () => assert.ok((await launcherPodOf(kubectl, "hasty")).spec.nodeName), 10_000);
    await kubectl.run(["delete", "vmi", "hasty", "--timeout=30s"]);
    assert.equal((await kubectl.try(["get", "vmi", "hasty"])).exitCode, 1);
  });

  it("is Failed, with the reason, when its qemu is killed", async () => {
    await kubectl.apply(instance("crashed"));
    await waitForPhase(kubectl, "crashed", "Running");
    const { metadata } = await launcherPodOf(kubectl, "crashed");
    const qemu = (await processesOfPod(metadata.uid)).find(({ name }) => name.startsWith("qemu"));
    assert.ok(qemu);
    process.kill(qemu.pid, "SIGKILL");
    const failed = await waitForPhase(kubectl, "crashed", "Failed");
    assert.equal(failed.status?.reason, "Crashed");
    assert.ok(
      (await eventsOf(kubectl, "VirtualMachineInstance", "crashed")).some((event) =>
        event.startsWith("Crashed"),
      ),
    );
  });

  it("is Failed when its launcher is killed, and leaves no qemu", async () => {
    await kubectl.apply(instance("killed"));
    await waitForPhase(kubectl, "killed", "Running");
    const { metadata } = await launcherPodOf(kubectl, "killed");
    const traces = await PodTraces.of(metadata.uid);
    const launcher = (await processesOfPod(metadata.uid)).find(({ name }) =>
      /^(node|MainThread|nestlet)/.test(name),
    );
    assert.ok(launcher);
    process.kill(launcher.pid, "SIGKILL");
    await waitForPhase(kubectl, "killed", "Failed");
    await eventually(async () => {
      const left = await processesOfPod(metadata.uid);
      assert.ok(!left.some(({ name }) => name.startsWith("qemu")));
    }, 10_000);
    await kubectl.run(["delete", "vmi", "killed", "--timeout=30s"]);
    await eventually(async () => assert.deepEqual(await traces.left(), []), 30_000);
  });

  it("of a VirtualMachine is made anew when it ends, and goes with the machine", async () => {
    await kubectl.apply(machine("again"));
    const first = await waitForPhase(kubectl, "again", "Running");
    await kubectl.run(["delete", "pod", (await launcherPodOf(kubectl, "again")).metadata.name]);
    await eventually(async () => {
      const next = await kubectl.get<Instance>("vmi", "again");
      assert.notEqual(next.metadata.uid, first.metadata.uid);
      assert.equal(next.status?.phase, "Running");
    }, 60_000);
    await eventually(async () => {
      const vm = await kubectl.get<Machine>("vm", "again");
      assert.equal(vm.status?.printableStatus, "Running");
      assert.equal(vm.status.ready, true);
    }, 10_000);
    await kubectl.run(["delete", "vm", "again", "--timeout=30s"]);
    await eventually(async () => {
      assert.deepEqual(await kubectl.list("vmi", "--field-selector=metadata.name=again"), []);
      assert.deepEqual(await kubectl.list("pods", "-l", "nestlet.dev/virtual-machine-instance=again"), []);
    }, 30_000);
  });

  it("of a VirtualMachine that is halted stops", async () => {
    await kubectl.apply(machine("halted"));
    await waitForPhase(kubectl, "halted", "Running");
    await kubectl.run(["patch", "vm", "halted", "--type=merge", "-p", '{"spec":{"runStrategy":"Halted"}}']);
    await eventually(async () => {
      const vm = await kubectl.get<Machine>("vm", "halted");
      assert.equal(vm.status?.printableStatus, "Stopped");
      assert.equal((await kubectl.try(["get", "vmi", "halted"])).exitCode, 1);
    }, 30_000);
  });

  for (const [title, name] of [
    ["of 63 characters and more", `long-${"x".repeat(90)}`],
    ["with dots", "web.blue.example"],
  ] as const) {
    it(`may have a name ${title}`, async () => {
      await kubectl.apply(instance(name));
      await waitForPhase(kubectl, name, "Running");
      await kubectl.run(["delete", "vmi", name, "--timeout=30s"]);
    });
  }
});
