import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DomainSpec } from "./domain-spec.ts";
import { domainXml } from "./domain-xml.ts";

const small: DomainSpec = {
  plan: {
    version: 4,
    namespace: "default",
    name: "small",
    uid: "00000000-0000-4000-8000-000000000002",
    identity: "00000000-0000-4000-8000-000000000001",
    hostname: "small",
    cpu: { sockets: 1, cores: 1, threads: 1 },
    memoryBytes: 64 * 1024 * 1024,
    acceleration: "Prefer",
    firmware: {},
    disks: [],
    filesystems: [],
    interfaces: [],
    timeouts: { startSeconds: 60, gracePeriodSeconds: 30 },
  },
  accelerator: "tcg",
  disks: [],
  filesystems: [],
  kernel: undefined,
  interfaces: [],
  ignitionFile: undefined,
};

const full: DomainSpec = {
  plan: {
    ...small.plan,
    name: "full",
    cpu: { sockets: 2, cores: 2, threads: 1 },
    memoryBytes: 4 * 1024 ** 3,
    firmware: { uuid: "5f0c2f4e-7d3e-4f0e-9d53-1b7c9a1f0a11", serial: 'R&D "1"' },
    graphics: true,
  },
  accelerator: "kvm",
  disks: [
    {
      name: "root",
      bus: "virtio",
      serial: "0123456789abcdef",
      readOnly: false,
      file: "/var/run/nestlet/ephemeral/root.qcow2",
      format: "qcow2",
      backing: { file: "/var/run/nestlet/registry-disks/root/disk/root.img", format: "raw" },
      cache: "none",
    },
    {
      name: "scratch",
      bus: "scsi",
      bootOrder: 1,
      serial: "scratch",
      readOnly: false,
      file: "/var/run/nestlet/ephemeral/scratch.img",
      format: "raw",
      cache: "writethrough",
    },
    {
      name: "tools",
      bus: "sata",
      serial: "tools",
      readOnly: true,
      file: "/var/run/nestlet/ephemeral/tools.img",
      format: "raw",
      cache: "none",
    },
    {
      name: "data",
      bus: "virtio",
      serial: "data",
      readOnly: false,
      file: "/dev/nestlet/data",
      block: true,
      format: "raw",
      cache: "none",
    },
  ],
  filesystems: [],
  interfaces: [
    { model: "virtio", mac: "52:54:00:12:34:56", bridge: "br1", device: "vnet0", mtu: 1450, vhost: true },
  ],
  kernel: undefined,
  ignitionFile: "/var/run/nestlet/init-data/ignition/userdata",
};

/** What a guest seldom has. */
const rare: DomainSpec = {
  ...small,
  plan: {
    ...small.plan,
    name: "rare",
    hugePageBytes: 2 * 1024 * 1024,
    firmware: { efi: true },
    watchdog: "reset",
  },
  disks: [
    {
      name: "install",
      bus: "sata",
      cdrom: true,
      bootOrder: 1,
      serial: "install",
      readOnly: true,
      file: "/var/run/nestlet/registry-disks/install/disk/install.iso",
      format: "raw",
      cache: "none",
    },
    {
      name: "copy",
      bus: "scsi",
      serial: "copy",
      readOnly: false,
      file: "/var/run/nestlet/ephemeral/copy.qcow2",
      format: "qcow2",
      backing: { file: "/dev/nestlet/copy", block: true, format: "raw" },
      cache: "none",
      io: "native",
    },
    {
      name: "local",
      bus: "virtio",
      serial: "local",
      readOnly: false,
      file: "/var/run/nestlet/host-disks/local/a.img",
      format: "raw",
      cache: "writeback",
      io: "threads",
    },
  ],
  filesystems: [
    { tag: "config-2", folder: "/dev/shm/nestlet/filesystems/drive" },
    { tag: "app", folder: "/var/run/nestlet/init-data/app" },
  ],
  kernel: { kernel: "/k/vmlinuz", initrd: "/k/initrd", arguments: "console=ttyS0 root=/dev/vda" },
  interfaces: [
    { model: "e1000e", mac: "02:00:00:12:34:56", bridge: "br1", device: "vnet0", mtu: 1500, vhost: true },
  ],
};

/** Set NESTLET_UPDATE_GOLDEN=1 to write the files anew, then read the difference. */
function assertGolden(name: string, actual: string): void {
  const file = join(import.meta.dirname, `${name}.golden.xml`);
  if (process.env["NESTLET_UPDATE_GOLDEN"] === "1") writeFileSync(file, actual);
  assert.equal(actual, readFileSync(file, "utf8"));
}

describe("domainXml", () => {
  it("an emulated guest with nothing asked for", () => assertGolden("small", domainXml(small)));
  it("a guest with UEFI, a kernel, huge pages, a watchdog, a CD-ROM, cache modes and filesystems", () =>
    assertGolden("rare", domainXml(rare)));
  it("a guest on KVM with four disks, a network, a display and an Ignition config", () =>
    assertGolden("full", domainXml(full)));
});
