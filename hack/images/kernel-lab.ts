import { cp, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { makeTree } from "./debian.ts";
import { copyModules, kernelVersion, writeInitramfs } from "./kernel.ts";
import { makeImage, makeLayer, put, recipeParts, recipesDir, type BuiltImage, type Log } from "./layers.ts";

/** Nothing of these is installed, only unpacked. */
const PACKAGES = ["linux-image-amd64", "busybox-static", "kmod"];

/** What init loads, in this order: those that make disks of what a bus finds come before the bus. */
const MODULES = [
  ...["pvpanic-mmio", "virtio_pci"],
  ...["sd_mod", "sr_mod", "virtio_blk", "virtio_scsi", "ahci"],
  ...["virtio_net", "e1000e"],
  ...["ext4", "isofs", "vfat", "nls_ascii", "nls_cp437", "nls_utf8"],
  ...["9p", "9pnet_virtio"],
  ...["i6300esb", "qemu_fw_cfg"],
];

const FOLDERS = ["bin", "dev", "etc", "mnt", "proc", "sys", "tmp"];

const recipe = join(recipesDir, "kernel-lab");

/** A kernel for `kernelBoot` that has drivers of all that a guest may be given, and runs one script. */
export async function buildKernelLab(log: Log): Promise<BuiltImage> {
  const code = ["kernel-lab.ts", "kernel.ts", "debian.ts"].map((name) => `hack/images/${name}`);
  const layer = await makeLayer(
    {
      name: "kernel-lab",
      title: "Debian's kernel, and an initramfs that runs a script",
      keyParts: await recipeParts("deploy/images/kernel-lab", ...code),
      owner: 0,
      fill: async (root, scratch) => {
        const [debian, initramfs] = [join(scratch, "debian"), join(scratch, "initramfs")];
        await makeTree(debian, { packages: PACKAGES, variant: "extract" });
        await fillInitramfs(debian, initramfs);
        await mkdir(join(root, "boot"));
        await cp(join(debian, "boot", `vmlinuz-${await kernelVersion(debian)}`), join(root, "boot/vmlinuz"));
        await writeInitramfs(initramfs, join(root, "boot/initrd"));
      },
    },
    log,
  );
  return makeImage("nestlet.dev/kernel-lab", "1", [layer], {});
}

async function fillInitramfs(debian: string, initramfs: string): Promise<void> {
  for (const folder of FOLDERS) await mkdir(join(initramfs, folder), { recursive: true });
  await cp(join(debian, "usr/bin/busybox"), join(initramfs, "bin/busybox"));
  await symlink("busybox", join(initramfs, "bin/sh"));
  // The kernel itself calls /sbin/modprobe.
  await symlink("bin", join(initramfs, "sbin"));
  await put(initramfs, "etc/modules", `${MODULES.join("\n")}\n`);
  await copyModules(debian, initramfs, MODULES);
  await cp(join(recipe, "initramfs"), initramfs, { recursive: true });
}
