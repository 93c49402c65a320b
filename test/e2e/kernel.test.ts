import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { SERIAL_LOG } from "../../src/launcher/domain/serial.ts";
import { deleteNamespace, ownNamespace } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";
import { answers } from "../support/guest.ts";
import { launcherPodOf, waitForPhase } from "../support/instances.ts";
import { kernelGuest, loadKernelLab, scriptRunOf } from "../support/kernel-guest.ts";
import type { Kubectl } from "../support/kubectl.ts";
import { addressOf, type Instance } from "../support/objects.ts";
import { processesOfPod } from "../support/processes.ts";

/** Its watchdog runs out after three seconds, and is set back for longer than that. */
const DOG_SCRIPT = "watchdog -F -t 1 -T 3 /dev/watchdog & sleep 5; kill -9 $!; sleep 150; echo outlived";
const SECTOR_BYTES = 512;
const MEBISECTORS = 2 ** 20 / SECTOR_BYTES;

/** A line a disk: name, bus, sectors, first bytes and serial; and what is read from where it was written. */
const DISKS_SCRIPT = `
echo "kernel $(uname -r)"
echo "arguments $(cat /proc/cmdline)"
for disk in /sys/block/[sv][dr]*; do
  name=\${disk##*/}
  path=$(readlink -f $disk/device)
  case $path in
    */ata*) bus=sata serial=$(xxd -r -p $path/../../../link*/dev*/ata_device/*/id | tail -c +21 | head -c 20) ;;
    */host*) bus=scsi serial=$(tail -c +5 $path/vpd_pg80) ;;
    *) bus=virtio serial=$(cat $disk/serial) ;;
  esac
  echo "$name $bus $(cat $disk/size) $(head -c 4 /dev/$name | xxd -p)" $serial
  case $name in sr*) continue ;; esac
  echo "$bus was written" | dd of=/dev/$name seek=1000 2>/dev/null
  sync
  echo 3 >/proc/sys/vm/drop_caches
  dd if=/dev/$name skip=1000 count=1 2>/dev/null | head -n 1
done
mount -t iso9660 -o ro /dev/sr0 /mnt
echo "cdrom has $(cat /mnt/app.conf)"
cd /sys/firmware/qemu_fw_cfg/by_name/opt/com.coreos/config
echo "ignition $(cat size) $(sha256sum <raw)"
`;

/**
 * For an Ignition of 2018: with what the spec 2.2.0 has and 3.x has not, in a form that no program writes, longer than a
 * page, and with signs that others on its way expand.
 */
const IGNITION_2 = `${JSON.stringify(
  {
    ignition: { version: "2.2.0", config: { append: [{ source: "http://192.0.2.1/more.ign" }] } },
    passwd: { users: [{ name: "core", create: {}, sshAuthorizedKeys: ["ssh-ed25519 AAAA…"] }] },
    storage: {
      files: [
        {
          filesystem: "root",
          path: "/etc/signs",
          contents: { source: `data:,$(HOME)$$(HOME)$$%0Ä'"&<` },
          mode: 420,
        },
        { filesystem: "root", path: "/etc/long", contents: { source: `data:,${"long ".repeat(2000)}` } },
      ],
    },
    systemd: { units: [{ name: "docker.service", enable: true, mask: false }] },
  },
  undefined,
  3,
)}\n\n`;

/** It listens until the test has asked, so that the test can look at the pod of a guest that is there. */
const networkScript = (service: string): string => `
cd /sys/class/net/eth0
echo "card $(basename $(readlink device/driver)) $(cat address) $(cat mtu)"
ip -4 -o address show eth0
nslookup kubernetes.default.svc.cluster.local
timeout 10 nc ${service} 443 </dev/null >/dev/null && echo "service was reached"
timeout 90 nc -l -p 8080 </dev/null >/dev/null && echo "guest was reached"
`;

/** Four megabytes. */
const FLOOD_LINES = 40_000;
const FLOOD_SCRIPT = `
echo >/dev/console
seq -w ${FLOOD_LINES} | sed 's/.*/line & ${"of what nobody reads ".repeat(4)}/' >/dev/console
echo all was written
`;

/** Two MiB, and what a guest may write until its launcher looks again. */
const LARGEST_CONSOLE_LOG = 2.5 * 2 ** 20;

/** The size of the console's log in its pod, again and again until the guest ends. */
async function consoleSizes(kubectl: Kubectl, name: string): Promise<number[]> {
  await waitForPhase(kubectl, name, "Running", 120_000);
  const { metadata } = await launcherPodOf(kubectl, name);
  const qemu = (await processesOfPod(metadata.uid)).find((each) => each.name.startsWith("qemu"));
  assert.ok(qemu, `${name} has ended before its console was looked at`);
  const sizes: number[] = [];
  for (;;) {
    const log = await stat(`/proc/${qemu.pid}/root${SERIAL_LOG}`).catch(() => undefined);
    if (log === undefined) return sizes;
    sizes.push(log.size);
    await delay(50);
  }
}

/** All in one guest; that of the other tests has no driver of most of it. */
describe("a guest whose kernel has a driver of everything", () => {
  let kubectl: Kubectl;
  let service = "";
  let output = "";
  let pod = { address: "", mac: "", mtu: "" };
  before(async () => {
    await loadKernelLab();
    kubectl = await ownNamespace("kernel");
    const apiServer = ["get", "service", "kubernetes", "-n", "default", "-o", "jsonpath={.spec.clusterIP}"];
    service = await kubectl.run(apiServer);
    const devices = {
      disks: [
        // Its boot sector halts: a guest that gets further was not booted from it.
        { name: "root", disk: { bus: "sata" }, serial: "SATA-1", bootOrder: 1 },
        { name: "app", cdrom: { bus: "sata" }, serial: "CDROM-1" },
        { name: "scratch", disk: { bus: "scsi" }, serial: "SCSI-1" },
        { name: "fast", serial: "VIRTIO-1" },
      ],
      interfaces: [{ name: "default", model: "e1000e", bridge: {} }],
    };
    const volumes = [
      { name: "root", registryDisk: { image: "nestlet.dev/halt:1", capacity: "32Mi" } },
      { name: "app", configMap: { name: "app" } },
      { name: "scratch", emptyDisk: { capacity: "48Mi" } },
      { name: "fast", emptyDisk: { capacity: "64Mi" } },
      { name: "ignition", ignition: { inline: IGNITION_2 } },
    ];
    const guest = { devices, networks: [{ name: "default", pod: {} }], volumes };
    await kubectl.apply(
      {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "app" },
        data: { "app.conf": "colour = blue\n" },
      },
      kernelGuest("kernel", DISKS_SCRIPT + networkScript(service), guest),
    );
    pod = await lookAtPod();
    // A guest that stands still tells more by its console than by not answering.
    await eventually(async () => assert.ok(await answers(pod.address, 8080)), 90_000).catch(() => undefined);
    output = (await scriptRunOf(kubectl, "kernel")).output;
  });
  after(async () => deleteNamespace(kubectl));

  /** While the guest runs: its address, the MAC of its card, and the MTU of the network. */
  async function lookAtPod(): Promise<typeof pod> {
    const running = await waitForPhase(kubectl, "kernel", "Running", 120_000);
    const { metadata } = await launcherPodOf(kubectl, "kernel");
    const inPod = async (...command: string[]): Promise<string> =>
      kubectl.run(["exec", metadata.name, "--", ...command]);
    const xml = await inPod("nestlet-ctl", "dumpxml");
    return {
      address: addressOf(running),
      mac: /<mac address='([^']+)'/.exec(xml)?.[1] ?? "",
      mtu: (await inPod("cat", "/sys/class/net/eth0/mtu")).trim(),
    };
  }

  it("is booted by kernelBoot, not from its disk, with the arguments of its spec", () => {
    assert.match(output, /^kernel \d+\.\d+\.\d+-\d+-amd64$/m);
    assert.match(output, /^arguments console=ttyS0 quiet run=\S+$/m);
  });

  it("reads and writes a disk on SATA", () => {
    assert.match(output, new RegExp(`^sd[a-z] sata ${32 * MEBISECTORS} faf4ebfd SATA-1$`, "m"));
    assert.match(output, /^sata was written$/m);
  });

  it("reads a CD-ROM on SATA", () => {
    assert.match(output, /^sr0 sata [1-9]\d* 00000000 CDROM-1$/m);
    assert.match(output, /^cdrom has colour = blue$/m);
  });

  it("reads and writes disks on SCSI and virtio", () => {
    assert.match(output, new RegExp(`^sd[a-z] scsi ${48 * MEBISECTORS} 00000000 SCSI-1$`, "m"));
    assert.match(output, /^scsi was written$/m);
    assert.match(output, new RegExp(`^vda virtio ${64 * MEBISECTORS} 00000000 VIRTIO-1$`, "m"));
    assert.match(output, /^virtio was written$/m);
  });

  it("finds its Ignition config, of version 2 as well, byte for byte in the firmware", () => {
    const digest = createHash("sha256").update(IGNITION_2).digest("hex");
    assert.match(output, new RegExp(`^ignition ${Buffer.byteLength(IGNITION_2)} ${digest} `, "m"));
  });

  it("has the pod's MAC, MTU and, by DHCP, address on an e1000e", async () => {
    const { status } = await launcherPodOf(kubectl, "kernel");
    assert.equal(pod.address, status.podIP);
    assert.match(output, new RegExp(`^card e1000e ${pod.mac} ${pod.mtu}$`, "m"));
    assert.match(output, new RegExp(`inet ${pod.address}/\\d+ .*eth0`));
  });

  it("reaches Services through an e1000e, and is reached", () => {
    assert.match(output, new RegExp(`^Address:\\s+${service}$`, "m"), "by the cluster's DNS");
    assert.match(output, /^service was reached$/m);
    assert.match(output, /^guest was reached$/m);
  });

  /** These take their time, so they take it together. */
  describe("beside others", () => {
    before(async () => {
      const watchdog = { name: "dog", i6300esb: { action: "poweroff" } };
      const devices = { autoattachPodInterface: false, watchdog };
      await kubectl.apply(
        kernelGuest("flood", FLOOD_SCRIPT),
        kernelGuest("dog", DOG_SCRIPT, { devices }),
        kernelGuest("bare", "ls /sys/class/net; ls /sys/block"),
      );
    });

    it("has a console whose log stays small, and shows the newest, however much it writes", async () => {
      const sizes = await consoleSizes(kubectl, "flood");
      assert.ok(Math.max(...sizes) < LARGEST_CONSOLE_LOG, `it had ${Math.max(...sizes)} bytes`);
      assert.ok(
        sizes.some((size, index) => size < (sizes[index - 1] ?? 0)),
        "it began anew",
      );
      assert.equal((await scriptRunOf(kubectl, "flood")).output, "all was written");
      const { metadata } = await launcherPodOf(kubectl, "flood");
      const shown = await kubectl.run(["logs", metadata.name]);
      const numbers = [...shown.matchAll(/^line (\d+) of/gm)].map(([, number]) => Number(number));
      assert.equal(numbers[0], 1);
      assert.equal(numbers.at(-1), FLOOD_LINES);
      assert.ok(
        numbers.every((number, index) => number > (numbers[index - 1] ?? 0)),
        "in their order, each once",
      );
      assert.equal(
        /"leftOutBytes":[1-9]/.test(shown),
        numbers.length < FLOOD_LINES,
        "it says what it left out",
      );
      await kubectl.run(["delete", "vmi", "flood", "--timeout=60s"]);
    });

    it("is ended by its watchdog once it no longer sets that back", async () => {
      const ended = await waitForPhase(kubectl, "dog", "Failed", 180_000);
      assert.equal(ended.status?.reason, "Crashed");
      assert.match(ended.status.message ?? "", /no longer set its watchdog back/);
      await kubectl.run(["delete", "vmi", "dog", "--timeout=60s"]);
    });

    it("takes no disk and no network, and has Succeeded when it powers itself off", async () => {
      const { output, exitCode } = await scriptRunOf(kubectl, "bare");
      assert.deepEqual([output, exitCode], ["lo", 0]);
      const { status } = await kubectl.get<Instance>("vmi", "bare");
      assert.deepEqual([status?.phase, status?.reason], ["Succeeded", "GuestShutdown"]);
    });
  });
});
