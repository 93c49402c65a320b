import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { deleteNamespace, ownNamespace } from "../support/cluster.ts";
import { claim, DeviceVolume } from "../support/disks.ts";
import { eventually } from "../support/eventually.ts";
import { ignitionConfig, Login } from "../support/guest.ts";
import { launcherPodOf, waitForPhase } from "../support/instances.ts";
import type { Kubectl } from "../support/kubectl.ts";
import { addressOf, condition, instance, type Instance } from "../support/objects.ts";
import { processesOfPod } from "../support/processes.ts";

const BOOT_MS = 300_000;
const image = "nestlet.dev/coreos-lab:1.36";
const domain = { memory: { guest: "64Mi" }, devices: {} };

/** Several devices in one guest, since each boot takes half a minute and more. */
describe("the devices of a real guest", () => {
  let kubectl: Kubectl;
  let login: Login;
  let address = "";
  let small: DeviceVolume;
  before(async () => {
    kubectl = await ownNamespace("devices");
    login = await Login.create();
    small = await DeviceVolume.create(kubectl, `full-${kubectl.namespace}`, "Filesystem", "64M");
    const ignition = { inline: ignitionConfig(login.publicKey) };
    await kubectl.apply(
      {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "app" },
        data: { "app.conf": "colour = blue\n" },
      },
      { apiVersion: "v1", kind: "Secret", metadata: { name: "key" }, stringData: { token: "s3cret" } },
      claim("base", {}, "64Mi"),
      claim("full", { storageClassName: small.name }, "48Mi"),
      // It makes the claim's disk, and writes to it.
      instance("first", {
        spec: {
          domain: { ...domain, devices: { disks: [{ name: "root" }, { name: "base" }] } },
          networks: [],
          volumes: [
            { name: "root", registryDisk: { image: "nestlet.dev/halt:1" } },
            { name: "base", persistentVolumeClaim: { claimName: "base", create: true } },
          ],
        },
      }),
    );
    await waitForPhase(kubectl, "first", "Running", 120_000);
    await kubectl.run(["delete", "vmi", "first", "--timeout=60s"]);
    const disks = [
      // Its boot sector halts: a guest that boots took the second disk first, as it is told to.
      { name: "halt", disk: { bus: "scsi", readonly: true }, serial: "HALT-1", bootOrder: 2 },
      { name: "root", bootOrder: 1 },
      { name: "app", cdrom: { bus: "scsi" } },
      { name: "key", disk: { bus: "scsi" } },
      { name: "copy", disk: { bus: "scsi" }, serial: "COPY-1", cache: "writeback" },
      { name: "scratch", disk: { bus: "scsi" }, serial: "SCRATCH-1", cache: "none", io: "native" },
      { name: "full", serial: "FULL" },
      { name: "missing" },
    ];
    const spec = {
      domain: {
        memory: { guest: "512Mi" },
        cpu: { sockets: 1, cores: 2, threads: 1 },
        devices: {
          disks,
          interfaces: [{ name: "default", bridge: {} }],
          watchdog: { name: "dog", i6300esb: { action: "reset" } },
        },
      },
      volumes: [
        { name: "halt", registryDisk: { image: "nestlet.dev/halt:1" } },
        { name: "root", registryDisk: { image, capacity: "6Gi" } },
        { name: "ignition", ignition },
        { name: "app", configMap: { name: "app" } },
        { name: "key", secret: { secretName: "key", volumeLabel: "key" } },
        { name: "copy", ephemeral: { persistentVolumeClaim: { claimName: "base" } } },
        { name: "scratch", emptyDisk: { capacity: "96Mi" } },
        { name: "full", persistentVolumeClaim: { claimName: "full", create: true } },
        { name: "missing", configMap: { name: "nowhere", optional: true, volumeLabel: "missing" } },
      ],
    };
    await kubectl.apply(instance("devices", { spec, grace: 60 }));
    const running = await waitForPhase(kubectl, "devices", "Running", 120_000);
    address = addressOf(running);
    await login.wait(address, BOOT_MS);
  });
  after(async () => {
    await deleteNamespace(kubectl);
    await small.remove(kubectl);
    await login.remove();
  });

  it("shows a ConfigMap and a Secret as files of disks with their labels", async () => {
    const read = async (label: string, file: string): Promise<string> =>
      login.run(
        address,
        `sudo mkdir -p /mnt/${label} && sudo mount -o ro /dev/disk/by-label/${label} /mnt/${label} && sudo cat /mnt/${label}/${file}`,
      );
    assert.equal(await read("cfgdata", "app.conf"), "colour = blue");
    assert.equal(await read("key", "token"), "s3cret");
    assert.equal(
      await login.run(address, "cat /sys/class/block/sr0/size | grep -qv '^0$' && echo there"),
      "there",
    );
    assert.match(await login.run(address, "ls -l /dev/disk/by-label"), /missing/, "an empty disk");
  });

  it("shows each disk on its bus, with its serial and size", async () => {
    const listed = await login.run(address, "lsblk -bdno SERIAL,TRAN,SIZE,ROTA");
    assert.match(listed, new RegExp(`COPY-1 +\\S* +${64 * 2 ** 20}`));
    assert.match(listed, new RegExp(`SCRATCH-1 +\\S* +${96 * 2 ** 20}`));
    const { metadata } = await launcherPodOf(kubectl, "devices");
    const xml = await kubectl.run(["exec", metadata.name, "--", "nestlet-ctl", "dumpxml"]);
    assert.match(xml, /cache='writeback'[^>]*\/>\s*<source file='[^']*copy/, "as the spec says");
    assert.match(xml, /cache='none'[^>]* io='native'[^>]*\/>\s*<source file='[^']*scratch/);
    const root = await login.run(address, "lsblk -bdno SIZE /dev/vda");
    assert.equal(Number(root), 6 * 2 ** 30, "the root's disk has grown to its capacity");
  });

  it("lets a guest write to no disk that is read-only", async () => {
    assert.match(await login.run(address, "lsblk -dno SERIAL,RO"), /^HALT-1 +1$/m);
    const disk = "/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_HALT-1";
    const write = `sudo dd if=/dev/zero of=${disk} bs=512 count=1 conv=fsync,nocreat 2>&1 || echo refused`;
    assert.match(await login.run(address, write), /refused$/);
  });

  it("lets a guest write over a claim that is only read", async () => {
    const { metadata } = await launcherPodOf(kubectl, "devices");
    const sum = ["exec", metadata.name, "--", "busybox", "md5sum", "/var/run/nestlet/claims/copy/disk.img"];
    const before = await kubectl.run(sum);
    const disk = "/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_COPY-1";
    await login.run(address, `echo written | sudo dd of=${disk} conv=fsync,notrunc,nocreat status=none`);
    assert.equal(await login.run(address, `sudo head -c 7 ${disk}`), "written");
    assert.equal(await kubectl.run(sum), before);
  });

  it("frees what the guest discards", async () => {
    const { metadata } = await launcherPodOf(kubectl, "devices");
    const file = "/var/run/nestlet/ephemeral/scratch.img";
    const used = async (): Promise<number> =>
      Number((await kubectl.run(["exec", metadata.name, "--", "busybox", "du", "-k", file])).split(/\s/)[0]);
    const disk = "/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_SCRATCH-1";
    await login.run(address, `sudo dd if=/dev/urandom of=${disk} bs=1M count=64 conv=fsync status=none`);
    assert.ok((await used()) >= 60 * 1024);
    await login.run(address, `sudo blkdiscard ${disk}`);
    await eventually(async () => assert.ok((await used()) < 8 * 1024), 20_000);
  });

  it("has processors, random numbers, a watchdog and a balloon as asked for", async () => {
    assert.equal(await login.run(address, "nproc"), "2");
    assert.match(await login.run(address, "cat /sys/class/misc/hw_random/rng_available"), /virtio_rng/);
    const pci = await login.run(address, "cat /sys/bus/pci/devices/*/vendor /sys/bus/pci/devices/*/device");
    assert.match(pci, /0x25ab/, "the i6300ESB");
    assert.match(await login.run(address, "ls /sys/bus/virtio/drivers"), /virtio_balloon/);
  });

  it("gives memory that the guest frees back to the node", async () => {
    const { metadata } = await launcherPodOf(kubectl, "devices");
    const mebibytes = async (): Promise<number> => {
      const qemu = (await processesOfPod(metadata.uid)).find(({ name }) => name.startsWith("qemu"));
      return (qemu?.anonymous ?? assert.fail("no qemu")) / 1024;
    };
    await login.run(address, "head -c 150M /dev/zero >/dev/shm/fill");
    const full = await mebibytes();
    await login.run(address, "rm /dev/shm/fill");
    await eventually(async () => assert.ok((await mebibytes()) < full - 90, `of ${full} MiB`), 60_000);
  });

  it("is paused when a disk has no room, and goes on by itself when there is", async () => {
    const { metadata } = await launcherPodOf(kubectl, "devices");
    const inPod = async (...command: string[]): Promise<string> =>
      kubectl.run(["exec", metadata.name, "--", ...command]);
    const ballast = "/var/run/nestlet/claims/full/ballast";
    const pause = async (): Promise<string | undefined> =>
      condition(await kubectl.get<Instance>("vmi", "devices"), "Paused")?.reason;
    await inPod("busybox", "dd", "if=/dev/zero", `of=${ballast}`, "bs=1M", "count=40");
    const write = "dd if=/dev/zero of=/dev/disk/by-id/virtio-FULL bs=1M count=32 oflag=direct";
    // The guest may stand still before ssh has ended.
    const filling = login.run(address, `sudo systemd-run --unit=fill ${write}`).catch(() => "");
    await eventually(async () => assert.equal(await pause(), "NoSpace"), 60_000);
    await inPod("busybox", "rm", ballast);
    await eventually(async () => assert.equal(await pause(), undefined), 60_000);
    await filling;
    await eventually(
      async () =>
        assert.match(await login.run(address, "systemctl show -p Result,ActiveState fill"), /success/),
      60_000,
    );
    assert.equal(await login.run(address, "systemctl is-failed fill || true"), "inactive");
  });

  it("has a device by which its kernel tells of a panic", async () => {
    // A moment later, so that ssh ends before.
    const panic = "(sleep 1; echo c >/proc/sysrq-trigger) </dev/null >/dev/null 2>&1 &";
    await login.run(address, `sudo sh -c '${panic}'`);
    const { status } = await waitForPhase(kubectl, "devices", "Failed");
    assert.match(`${status?.reason}: ${status?.message}`, /^Crashed: .*kernel panicked/);
  });
});

describe("huge pages", () => {
  let kubectl: Kubectl;
  before(async () => (kubectl = await ownNamespace("pages")));
  after(async () => deleteNamespace(kubectl));

  const guestOf = (name: string, guest: string, pageSize: string): object => {
    const memory = { guest, hugepages: { pageSize } };
    return instance(name, {
      spec: { domain: { memory, devices: { disks: [{ name: "root" }] } }, networks: [] },
    });
  };
  const free = async (): Promise<number> =>
    Number(await readFile("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "utf8"));

  it("are what the guest's memory is made of, and are free again afterwards", async function () {
    const nodes = await kubectl.list<{ status: { allocatable: Record<string, string> } }>("nodes");
    const [pages] = nodes.map(({ status }) => status.allocatable["hugepages-2Mi"]);
    // hack/lab.sh status says why.
    if (pages === undefined || pages === "0") this.skip();
    const before = await free();
    await kubectl.apply(guestOf("pages", "64Mi", "2Mi"));
    await waitForPhase(kubectl, "pages", "Running");
    const { metadata } = await launcherPodOf(kubectl, "pages");
    const qemu = (await processesOfPod(metadata.uid)).find(({ name }) => name.startsWith("qemu"));
    assert.ok(qemu);
    const rollup = await readFile(`/proc/${qemu.pid}/smaps_rollup`, "utf8");
    const sizes = [...rollup.matchAll(/^(?:Shared|Private)_Hugetlb:\s+(\d+) kB$/gm)];
    assert.equal(
      sizes.reduce((sum, [, size]) => sum + Number(size), 0),
      64 * 1024,
    );
    assert.equal(await free(), before - 32);
    await kubectl.run(["delete", "vmi", "pages", "--timeout=30s"]);
    await eventually(async () => assert.equal(await free(), before), 10_000);
  });

  it("that no node has leave the instance waiting, and it says for what", async () => {
    await kubectl.apply(guestOf("larger", "1Gi", "1Gi"));
    await eventually(async () => {
      const { status } = await kubectl.get<Instance>("vmi", "larger");
      assert.equal(status?.reason, "Unschedulable");
      assert.match(status.message ?? "", /Insufficient hugepages-1Gi/);
    }, 20_000);
  });
});

describe("firmware", () => {
  let kubectl: Kubectl;
  before(async () => (kubectl = await ownNamespace("firmware")));
  after(async () => deleteNamespace(kubectl));

  it("is UEFI where that is asked for", async () => {
    const efi = { ...domain, firmware: { bootloader: { efi: {} } }, devices: { disks: [{ name: "root" }] } };
    await kubectl.apply(
      instance("efi", { spec: { domain: { ...efi, memory: { guest: "256Mi" } }, networks: [] } }),
    );
    await waitForPhase(kubectl, "efi", "Running");
    const { metadata } = await launcherPodOf(kubectl, "efi");
    await eventually(
      async () => assert.match(await kubectl.run(["logs", metadata.name]), /BdsDxe|UEFI/),
      120_000,
    );
  });

  it("says which kernel an image lacks", async () => {
    const container = { image: "nestlet.dev/halt:1", kernelPath: "/boot/vmlinuz" };
    const spec = {
      domain: { ...domain, firmware: { kernelBoot: { container } }, devices: { disks: [{ name: "root" }] } },
      networks: [],
    };
    await kubectl.apply(instance("kernel", { spec }));
    const failed = await waitForPhase(kubectl, "kernel", "Failed");
    assert.match(
      failed.status?.message ?? "",
      /kernelBoot nestlet\.dev\/halt:1: has no file \/boot\/vmlinuz; is the path right\?/,
    );
  });

  it("is not needed to be told that a disk of the node is forbidden", async () => {
    const spec = {
      domain: { ...domain, devices: { disks: [{ name: "root" }] } },
      networks: [],
      volumes: [{ name: "root", hostDisk: { path: "/etc/shadow", type: "Disk" } }],
    };
    await kubectl.apply(instance("shadow", { spec }));
    await eventually(async () => {
      const { status } = await kubectl.get<Instance>("vmi", "shadow");
      assert.equal(status?.reason, "HostDiskForbidden");
    }, 20_000);
    assert.deepEqual(await kubectl.list("pods", "-l", "nestlet.dev/virtual-machine-instance=shadow"), []);
  });
});
