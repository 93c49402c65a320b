import { cp, glob, link, mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../lib/exec.ts";
import { inNamespace, makeTree } from "./debian.ts";
import { makeImageStore } from "./guest-images.ts";
import { DISK_OWNER } from "./halt.ts";
import { copyModules, kernelVersion } from "./kernel.ts";
import { KUBERNETES_MINOR, makeKubernetesLayer } from "./kubernetes.ts";
import type { BuiltImage, Log } from "./layers.ts";
import { makeImage, makeLayer, recipeParts, recipesDir } from "./layers.ts";
import type { Layer } from "./oci.ts";
import { writeTar } from "./oci.ts";

/** The system that is installed with dpkg. */
export const PACKAGES = [
  "systemd",
  "systemd-sysv",
  "systemd-resolved",
  "udev",
  "dbus",
  "openssh-server",
  "sudo",
  "qemu-guest-agent",
  // For people, and for Ignition's users, partitions and file systems.
  "ca-certificates",
  "curl",
  "e2fsprogs",
  "fdisk",
  "gdisk",
  "iputils-ping",
  "less",
  "procps",
  // What kubeadm and kubelet look for.
  "conntrack",
  "ethtool",
  "iproute2",
  "iptables",
  "kmod",
  "nftables",
  "socat",
];

/** What is only unpacked: their installation would bring an initramfs builder and a boot loader's scripts. */
const PARTS = ["linux-image-cloud-amd64", "ignition", "grub-pc-bin", "grub-common", "busybox-static", "kmod"];

/** Modules that the initramfs may load, with those that they need. */
const BOOT_MODULES = [
  "virtio_pci",
  "virtio_blk",
  "virtio_scsi",
  "sd_mod",
  "ata_piix",
  "qemu_fw_cfg",
  "virtio_net",
];

/** What init and a person at its emergency shell call. */
const BUSYBOX_COMMANDS = [
  ...[
    "sh",
    "cat",
    "cttyhack",
    "dmesg",
    "findfs",
    "grep",
    "ip",
    "ls",
    "mkdir",
    "modprobe",
    "mount",
    "reboot",
    "rm",
  ],
  ...["setsid", "sleep", "switch_root", "tail", "tr", "udhcpc", "umount", "vi"],
];

/** Drivers of hardware that no virtual machine has, 20 MB. */
const UNUSED_DRIVERS = [
  "drivers/infiniband",
  "drivers/comedi",
  "drivers/net/ethernet/mellanox",
  "drivers/target",
];

/** Enough of GRUB to read its configuration from the root file system, test for a file and boot Linux. */
const GRUB_MODULES = ["biosdisk", "part_msdos", "ext2", "normal", "linux16", "test", "configfile", "boot"];

const recipe = join(recipesDir, "coreos-lab");

/** A Debian that Ignition configures on its first boot, with all that a Kubernetes node needs. */
export async function buildCoreosLab(log: Log): Promise<BuiltImage> {
  const system = await makeSystem(log);
  const [kubernetes, images] = await Promise.all([
    makeKubernetesLayer("opt/cni/bin", log),
    makeImageStore(system.base, system.parts, log),
  ]);
  const title = `CoreOS-like guest with Kubernetes ${KUBERNETES_MINOR}`;
  const layer = await makeDisk({ name: "coreos-lab", title, system, further: [kubernetes, images] }, log);
  return makeImage("nestlet.dev/coreos-lab", KUBERNETES_MINOR, [layer], {});
}

/** The same system without Kubernetes, for members that get it from a payload disk. */
export async function buildCoreosBase(log: Log): Promise<BuiltImage> {
  const system = await makeSystem(log);
  const title = "CoreOS-like guest";
  const layer = await makeDisk({ name: "coreos-base", title, system, further: [] }, log);
  return makeImage("nestlet.dev/coreos-base", "1", [layer], {});
}

/** The layers that every guest's disk is made from, and also the payload's images. */
interface System {
  readonly base: Layer;
  readonly parts: Layer;
}

export async function makeSystem(log: Log): Promise<System> {
  const title = "Debian system of the guest";
  const [base, parts] = await Promise.all([
    makeBase({ name: "coreos-lab-base", title, packages: PACKAGES }, log),
    makeParts(log),
  ]);
  return { base, parts };
}

interface GuestDisk {
  readonly name: string;
  readonly title: string;
  readonly system: System;
  /** Layers that come over the system. */
  readonly further: readonly Layer[];
}

export async function makeDisk({ name, title, system, further }: GuestDisk, log: Log): Promise<Layer> {
  const layers = [system.base, system.parts, ...further];
  return makeLayer(
    {
      name,
      title,
      keyParts: [
        ...layers.map(({ digest }) => digest),
        ...(await recipeParts("deploy/images/coreos-lab", "hack/images/coreos-lab.ts")),
      ],
      owner: DISK_OWNER,
      fill: async (root, scratch) => {
        await prepareWork(scratch, system, further);
        log(`${name}: writing the disk`);
        const raw = join(scratch, "disk.raw");
        await inNamespace([join(recipe, "assemble.sh"), scratch, raw]);
        await mkdir(join(root, "disk"));
        await compressDisk(raw, join(root, `disk/${name}.qcow2`));
      },
    },
    log,
  );
}

/** Four tenths of the size to import and to keep; unpacking costs a boot half a second of processor time. */
export async function compressDisk(raw: string, disk: string): Promise<void> {
  const format = ["-O", "qcow2", "-c", "-o", "compression_type=zstd"];
  await run("nice", ["qemu-img", "convert", "-f", "raw", ...format, raw, disk]);
}

/** Lays out what assemble.sh reads. */
async function prepareWork(work: string, { base, parts }: System, further: readonly Layer[]): Promise<void> {
  await mkdir(join(work, "layers"));
  await link(base.tar, join(work, "layers/10-base.tar"));
  for (const [number, layer] of further.entries()) {
    await link(layer.tar, join(work, `layers/4${String(number)}-further.tar`));
  }
  const unpacked = join(work, "parts");
  await mkdir(unpacked);
  await run("tar", ["-C", unpacked, "-xpf", parts.tar]);
  await writeTar(join(work, "layers/20-kernel.tar"), join(unpacked, "guest"), ["."], 0);
  for (const name of ["grub", "initramfs"]) {
    await cp(join(unpacked, name), join(work, name), { recursive: true, verbatimSymlinks: true });
  }
  await writeTar(join(work, "layers/30-added.tar"), join(recipe, "rootfs"), ["."], 0);
  await cp(join(recipe, "initramfs"), join(work, "initramfs"), { recursive: true });
}

interface GuestBase {
  readonly name: string;
  readonly title: string;
  readonly packages: readonly string[];
}

export async function makeBase({ name, title, packages }: GuestBase, log: Log): Promise<Layer> {
  const unwanted = ["doc", "man", "info", "locale", "lintian", "bash-completion"];
  return makeLayer(
    {
      name,
      title,
      keyParts: [...packages, ...unwanted, ...(await recipeParts("hack/images/debian.ts"))],
      fill: async (root, scratch) => {
        const debian = join(scratch, "debian");
        const excluded = unwanted.map((folder) => `--dpkgopt=path-exclude=/usr/share/${folder}/*`);
        await makeTree(debian, { packages, variant: "essential", args: excluded });
        for (const secret of await Array.fromAsync(glob("etc/ssh/ssh_host_*", { cwd: debian }))) {
          await rm(join(debian, secret));
        }
        await rm(root, { recursive: true });
        await run("mv", [debian, root]);
      },
    },
    log,
  );
}

/** Kernel, Ignition, boot loader and the initramfs's tools. */
export async function makeParts(log: Log): Promise<Layer> {
  return makeLayer(
    {
      name: "coreos-lab-parts",
      title: "kernel, Ignition and boot loader of the guest",
      keyParts: [
        ...[PARTS, BOOT_MODULES, UNUSED_DRIVERS, GRUB_MODULES].flat(),
        ...(await recipeParts("hack/images/debian.ts")),
      ],
      owner: 0,
      fill: async (root, scratch) => {
        const debian = join(scratch, "debian");
        await makeTree(debian, { packages: PARTS, variant: "extract" });
        await pickKernel(debian, join(root, "guest"));
        await pickInitramfs(debian, join(root, "initramfs"));
        await pickGrub(debian, join(root, "grub"));
      },
    },
    log,
  );
}

async function pickKernel(debian: string, guest: string): Promise<void> {
  const version = await kernelVersion(debian);
  const modules = join(guest, "usr/lib/modules", version);
  await mkdir(join(guest, "boot"), { recursive: true });
  await cp(join(debian, "boot", `vmlinuz-${version}`), join(guest, "boot/vmlinuz"));
  await cp(join(debian, "usr/lib/modules", version), modules, { recursive: true });
  for (const driver of UNUSED_DRIVERS) await rm(join(modules, "kernel", driver), { recursive: true });
  const ignition = join(debian, "usr/lib/dracut/modules.d/30ignition/ignition");
  await mkdir(join(guest, "usr/lib/ignition"), { recursive: true });
  await cp(ignition, join(guest, "usr/lib/ignition/ignition"));
}

async function pickInitramfs(debian: string, initramfs: string): Promise<void> {
  for (const folder of ["bin", "dev", "etc", "lib/modules", "proc", "run", "sys", "sysroot", "tmp"]) {
    await mkdir(join(initramfs, folder), { recursive: true });
  }
  await cp(join(debian, "usr/bin/busybox"), join(initramfs, "bin/busybox"));
  for (const name of BUSYBOX_COMMANDS) await symlink("busybox", join(initramfs, "bin", name));
  // Everything else comes from the root file system, once that is mounted.
  await symlink("sysroot/usr", join(initramfs, "usr"));
  await symlink("usr/sbin", join(initramfs, "sbin"));
  await symlink("sysroot/usr/lib64", join(initramfs, "lib64"));
  await symlink("/sysroot/usr/lib/x86_64-linux-gnu", join(initramfs, "lib/x86_64-linux-gnu"));
  await copyModules(debian, initramfs, BOOT_MODULES);
}

async function pickGrub(debian: string, grub: string): Promise<void> {
  await mkdir(grub, { recursive: true });
  await cp(join(debian, "usr/lib/grub/i386-pc/boot.img"), join(grub, "boot.img"));
  // No drive is named, so that it is the one that the firmware booted.
  const prefix = "--prefix=(,msdos1)/boot/grub";
  await run("chroot", [
    debian,
    "grub-mkimage",
    "--format=i386-pc",
    "--output=/core.img",
    prefix,
    ...GRUB_MODULES,
  ]);
  await cp(join(debian, "core.img"), join(grub, "core.img"));
}
