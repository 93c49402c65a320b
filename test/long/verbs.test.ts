import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { CONTROL_COMMAND } from "../../src/launch-plan/pod-contract.ts";
import { deleteNamespace, ownNamespace } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";
import { answers, ignitionConfig, Login } from "../support/guest.ts";
import { launcherPodOf, waitForPhase } from "../support/instances.ts";
import type { Kubectl } from "../support/kubectl.ts";
import { condition, instance, instanceSpec, machine, type Instance, type Pod } from "../support/objects.ts";
import { processesOfPod } from "../support/processes.ts";
import { Attached, binaryVerb, tryVerb, verb } from "../support/verbs.ts";

const BOOT_MS = 180_000;
const image = "nestlet.dev/coreos-lab:1.36";

/** The launcher itself, and each `nestlet-ctl` that runs. */
async function nodesIn(pod: Pod): Promise<number> {
  const found = await processesOfPod(pod.metadata.uid);
  return found.filter(({ name }) => /^(node|MainThread)/.test(name)).length;
}

async function paused(kubectl: Kubectl, name: string): Promise<Instance> {
  return eventually(async () => {
    const vmi = await kubectl.get<Instance>("vmi", name);
    assert.equal(condition(vmi, "Paused")?.status, "True", JSON.stringify(vmi.status?.conditions));
    return vmi;
  }, 20_000);
}

describe("verbs for a guest that runs", () => {
  let kubectl: Kubectl;
  let login: Login;
  let pod: Pod;
  let address = "";
  before(async () => {
    kubectl = await ownNamespace("verbs");
    login = await Login.create();
    const ignition = { inline: ignitionConfig(login.publicKey) };
    await kubectl.apply(machine("talks", { image, memory: "1Gi", ignition, grace: 120 }));
    const running = await waitForPhase(kubectl, "talks", "Running");
    address = running.status?.interfaces?.[0]?.ipAddress ?? "";
    pod = await launcherPodOf(kubectl, "talks");
  });
  after(async () => {
    await deleteNamespace(kubectl);
    await login.remove();
  });

  it("info says what to do while no agent is connected", async () => {
    const { exitCode, output } = await tryVerb(kubectl, pod.metadata.name, "info");
    assert.equal(exitCode, 1);
    assert.match(output, /nestlet-ctl info: the guest's agent does not answer .*install qemu-guest-agent/);
  });

  it("console shows the login prompt, beside the log", async () => {
    const console = new Attached(kubectl, pod.metadata.name, "console");
    await console.hears(/talks login: /, BOOT_MS, "\r");
    await login.wait(address, BOOT_MS);
    await login.run(address, "echo 'both hear '$((6 * 7)) | sudo tee /dev/ttyS0");
    await console.hears(/both hear 42/, 10_000);
    await eventually(async () => {
      assert.match(await kubectl.run(["logs", pod.metadata.name]), /both hear 42$/m);
    }, 10_000);
    assert.equal(await console.leave(), 0);
  });

  it("console is taken over by who comes later, with a word to the first", async () => {
    const first = new Attached(kubectl, pod.metadata.name, "console");
    await first.hears(/login: /, 20_000, "\r");
    const second = new Attached(kubectl, pod.metadata.name, "console");
    await second.hears(/login: /, 20_000, "\r");
    assert.equal(await first.ended(), 0);
    assert.match(first.heard, /\[nestlet: another console took over; attach again to take it back\]/);
    assert.equal(await second.leave(), 0);
  });

  it("leave nothing behind when their client is killed", async () => {
    for (const word of ["console", "vnc"] as const) {
      const client = new Attached(kubectl, pod.metadata.name, word);
      await client.hears(word === "vnc" ? /^RFB/ : /login: /, 20_000, word === "vnc" ? undefined : "\r");
      assert.equal(await nodesIn(pod), 2);
      await client.kill();
      await eventually(async () => assert.equal(await nodesIn(pod), 1), 20_000);
    }
    const again = new Attached(kubectl, pod.metadata.name, "console");
    await again.hears(/login: /, 20_000, "\r");
    assert.equal(await again.leave(), 0);
  });

  it("vnc passes the display on", async () => {
    const display = new Attached(kubectl, pod.metadata.name, "vnc");
    await display.hears(/^RFB 003\.00\d\n/, 10_000);
    display.type("RFB 003.008\n");
    // One security type: none. The way to the socket is the way in.
    await eventually(async () => {
      await Promise.resolve();
      assert.equal(Buffer.from(display.heard.slice(12), "latin1").toString("hex"), "0101");
    }, 10_000);
    assert.equal(await display.leave(), 0);
  });

  it("screenshot is a PNG of the display", async () => {
    const png = await binaryVerb(kubectl, pod.metadata.name, "screenshot");
    assert.equal(png.subarray(0, 8).toString("hex"), "89504e470d0a1a0a");
    assert.equal(png.toString("latin1", 12, 16), "IHDR");
    assert.ok(png.readUInt32BE(16) >= 640 && png.readUInt32BE(20) >= 350, "width and height");
    const left = await kubectl.run(["exec", pod.metadata.name, "--", "ls", "/var/run/nestlet"]);
    assert.doesNotMatch(left, /screen/);
  });

  it("info tells what the guest's agent knows", async () => {
    const info = await eventually(
      async () =>
        JSON.parse(await verb(kubectl, pod.metadata.name, "info")) as {
          hostname: string;
          os: { id: string; kernelRelease: string };
          interfaces: { ipAddresses: string[] }[];
          fsInfo: { disks: { mountPoint: string; totalBytes: number }[] };
        },
      60_000,
      1000,
    );
    assert.equal(info.hostname, "talks");
    assert.equal(info.os.id, "debian");
    assert.equal(info.os.kernelRelease, await login.run(address, "uname -r"));
    assert.ok(info.interfaces.some(({ ipAddresses }) => ipAddresses.includes(address)));
    assert.ok(info.fsInfo.disks.some(({ mountPoint, totalBytes }) => mountPoint === "/" && totalBytes > 0));
  });

  it("ping and exec ask the guest's agent", async () => {
    const { name } = pod.metadata;
    await verb(kubectl, name, "ping");
    assert.equal((await verb(kubectl, name, "exec", "cat", "/proc/sys/kernel/hostname")).trim(), "talks");
    const failed = await tryVerb(kubectl, name, "exec", "sh", "-c", "echo no >&2; exit 7");
    assert.deepEqual([failed.exitCode, failed.output.startsWith("no\n")], [7, true], failed.output);
    const slow = await tryVerb(kubectl, name, "exec", "--timeout", "1", "sleep", "20");
    assert.match(slow.output, /not ended within 1 s and goes on in the guest as process \d+/);
    const absent = await tryVerb(kubectl, name, "exec", "nothing-of-this-name");
    assert.match(absent.output, /nestlet-ctl exec: libvirt refuses: .*No such file/);
    await login.run(address, "sudo systemctl stop qemu-guest-agent");
    const missing = await tryVerb(kubectl, name, "ping");
    assert.match(missing.output, /agent does not answer .*install qemu-guest-agent/);
    await login.run(address, "sudo systemctl start qemu-guest-agent");
  });

  it("pause stops the guest until unpause, whatever looks at it in between", async () => {
    const { name } = pod.metadata;
    assert.deepEqual(JSON.parse(await verb(kubectl, name, "pause")), { state: "Paused", reason: "User" });
    const vmi = await paused(kubectl, "talks");
    assert.equal(vmi.status?.phase, "Running");
    assert.equal(condition(vmi, "Paused")?.reason, "User");
    assert.equal(condition(vmi, "Ready")?.reason, "GuestPaused");
    const [header = "", row = ""] = (await kubectl.run(["get", "vmis", "talks", "-o", "wide"])).split("\n");
    const column = header.indexOf("PAUSED");
    assert.equal(row.slice(column, column + 4), "True", `${header}\n${row}`);
    assert.match(await kubectl.run(["get", "vm", "talks"]), /^talks .*Paused/m);
    assert.equal(await answers(address, 22), false);
    const refused = await tryVerb(kubectl, name, "info");
    assert.match(refused.output, /the guest is paused, so its agent cannot answer; unpause it first/);
    await sleep(90_000); // longer than the probe keeps an answer to itself
    assert.deepEqual((await kubectl.get<Instance>("vmi", "talks")).status, vmi.status);
    assert.deepEqual(JSON.parse(await verb(kubectl, name, "unpause")), { state: "Running" });
    await eventually(async () => {
      const ready = await kubectl.get<Instance>("vmi", "talks");
      assert.equal(condition(ready, "Ready")?.status, "True");
      assert.equal(condition(ready, "Paused"), undefined);
    }, 10_000);
    await login.wait(address, 20_000);
    assert.equal((await launcherPodOf(kubectl, "talks")).metadata.uid, pod.metadata.uid);
  });

  it("reset starts the guest anew in its pod", async () => {
    const bootId = "cat /proc/sys/kernel/random/boot_id";
    const booted = await login.run(address, bootId);
    await verb(kubectl, pod.metadata.name, "reset");
    await eventually(async () => assert.notEqual(await login.run(address, bootId), booted), BOOT_MS, 1000);
    assert.equal((await launcherPodOf(kubectl, "talks")).metadata.uid, pod.metadata.uid);
    assert.equal((await kubectl.get<Instance>("vmi", "talks")).status?.phase, "Running");
  });

  it("that is deleted while it is paused goes on, so that it can shut down", async () => {
    const { name } = pod.metadata;
    await login.wait(address, BOOT_MS);
    await verb(kubectl, name, "pause");
    const log = kubectl.run(["logs", "--follow", name]);
    await kubectl.run(["delete", "vm", "talks", "--timeout=150s"]);
    assert.match(await log, /"msg":"the guest goes on".*"reason":"Stopped"/s);
  });
});

describe("a guest whose agent stops", () => {
  it("is ended by its liveness probe", async () => {
    const kubectl = await ownNamespace("liveness");
    const login = await Login.create();
    try {
      const livenessProbe = {
        guestAgentPing: {},
        initialDelaySeconds: 120,
        periodSeconds: 5,
        timeoutSeconds: 5,
      };
      const ignition = { inline: ignitionConfig(login.publicKey) };
      const overrides = { image, memory: "1Gi", ignition, grace: 60, spec: { livenessProbe } };
      await kubectl.apply(instance("alive", overrides));
      const running = await waitForPhase(kubectl, "alive", "Running");
      const address = running.status?.interfaces?.[0]?.ipAddress ?? "";
      await login.wait(address, BOOT_MS);
      // Longer than the delay and three tries.
      await sleep(150_000);
      assert.equal((await kubectl.get<Instance>("vmi", "alive")).status?.phase, "Running");
      await login.run(address, "sudo systemctl stop qemu-guest-agent");
      const ended = await waitForPhase(kubectl, "alive", "Failed", 150_000);
      assert.equal(ended.status?.reason, "LivenessProbeFailed");
    } finally {
      await deleteNamespace(kubectl);
      await login.remove();
    }
  });
});

describe("verbs for a guest that does nothing", () => {
  let kubectl: Kubectl;
  before(async () => {
    kubectl = await ownNamespace("verbs-halt");
  });
  after(async () => deleteNamespace(kubectl));

  async function runs(name: string, object: object): Promise<string> {
    await kubectl.apply(object);
    await waitForPhase(kubectl, name, "Running");
    return (await launcherPodOf(kubectl, name)).metadata.name;
  }

  it("dump what libvirt and qemu know", async () => {
    const pod = await runs("plain", instance("plain"));
    const xml = await verb(kubectl, pod, "dumpxml");
    assert.match(xml, /^<domain type='(qemu|kvm)'/);
    assert.match(xml, /<graphics type='vnc'/);
    assert.match(await verb(kubectl, pod, "libvirt-log"), /qemu-system-x86_64/);
    assert.deepEqual(JSON.parse(await verb(kubectl, pod, "state")), { state: "Running" });
    const status = JSON.parse(await verb(kubectl, pod, "qmp", '{"execute":"query-status"}')) as {
      return: { status: string };
    };
    assert.equal(status.return.status, "running");
    assert.match(await kubectl.run(["exec", pod, "--", "virsh", "-q", "list", "--name"]), /plain/);
    assert.match((await verb(kubectl, pod, "screenshot")).slice(0, 8), /PNG/);
  });

  it("say what is wrong with a call", async () => {
    const pod = (await launcherPodOf(kubectl, "plain")).metadata.name;
    assert.match(await verb(kubectl, pod, "--help"), /usage: nestlet-ctl VERB/);
    const unknown = await tryVerb(kubectl, pod, "fly");
    assert.equal(unknown.exitCode, 2);
    assert.match(unknown.output, /there is no verb "fly"/);
    const mute = await tryVerb(kubectl, pod, "console");
    assert.equal(mute.exitCode, 2);
    assert.match(mute.output, /nobody types here; use kubectl exec -it/);
    const wrong = await tryVerb(kubectl, pod, "qmp", "query-status");
    assert.equal(wrong.exitCode, 1);
    assert.match(wrong.output, /libvirt refuses: /);
  });

  it("keep a pause when libvirtd is killed", async () => {
    const pod = await launcherPodOf(kubectl, "plain");
    await verb(kubectl, pod.metadata.name, "pause");
    await paused(kubectl, "plain");
    const libvirtd = (await processesOfPod(pod.metadata.uid)).find(({ name }) => name.startsWith("libvirtd"));
    assert.ok(libvirtd);
    process.kill(libvirtd.pid, "SIGKILL");
    await eventually(async () => {
      const state = JSON.parse(await verb(kubectl, pod.metadata.name, "state")) as object;
      assert.deepEqual(state, { state: "Paused", reason: "User" });
    }, 20_000);
    assert.equal(condition(await kubectl.get<Instance>("vmi", "plain"), "Paused")?.status, "True");
    await kubectl.run(["delete", "vmi", "plain", "--timeout=30s"]);
  });

  it("refuse what the spec rules out, and say how to change it", async () => {
    const livenessProbe = { tcpSocket: { port: 22 }, initialDelaySeconds: 600 };
    const devices = { disks: [{ name: "root" }], autoattachGraphicsDevice: false };
    const domain = { memory: { guest: "64Mi" }, devices };
    const spec = { ...instanceSpec({ spec: { livenessProbe } }), domain, networks: [] };
    const pod = await runs("limited", instance("limited", { spec }));
    for (const [word, message] of [
      ["pause", /livenessProbe, which would end it while it is paused; remove the probe/],
      ["screenshot", /has no display: spec\.domain\.devices\.autoattachGraphicsDevice is false/],
      ["vnc", /has no display/],
    ] as const) {
      // As one who would type: vnc asks for that before it asks the launcher.
      const { exitCode, output } = await kubectl.try(["exec", "-i", pod, "--", CONTROL_COMMAND, word]);
      assert.match(output, message);
      assert.equal(exitCode, 1);
    }
    assert.doesNotMatch(await verb(kubectl, pod, "dumpxml"), /<(graphics|video)/);
  });
});
