import type { CacheMode, LaunchPlan } from "../../launch-plan/launch-plan.ts";

/** What the guest's processors run on. */
export type Accelerator = "kvm" | "tcg";

/** A disk whose file is ready for qemu. */
export interface PreparedDisk {
  name: string;
  bus: "virtio" | "sata" | "scsi";
  cdrom?: true;
  bootOrder?: number;
  serial: string;
  readOnly: boolean;
  file: string;
  /** The file is a block device. */
  block?: true;
  format: DiskFormat;
  /** What an overlay was made over. */
  backing?: { file: string; block?: true; format: DiskFormat };
  cache: CacheMode;
  io?: "native" | "threads";
}

/** What is left to know of a disk once its file is there. */
export type PreparedSource = Pick<PreparedDisk, "file" | "block" | "format" | "backing" | "cache">;

export type DiskFormat = "raw" | "qcow2";

/** A folder that the guest may read. */
export interface PreparedFilesystem {
  /** By which the guest mounts it. */
  tag: string;
  folder: string;
}

/** A kernel and what it is started with. */
export interface KernelBoot {
  kernel: string;
  initrd?: string;
  /** Its command line. */
  arguments?: string;
}

/** An interface whose bridge is ready. */
export interface PreparedInterface {
  model: "virtio" | "e1000e";
  mac: string;
  bridge: string;
  /** Name that the guest's tap device gets. */
  device: string;
  mtu: number;
  /** Whether the kernel can move the frames (vhost-net). */
  vhost: boolean;
}

/** All that the domain's XML is made of: the plan and what was prepared for it. */
export interface DomainSpec {
  plan: LaunchPlan;
  accelerator: Accelerator;
  disks: readonly PreparedDisk[];
  filesystems: readonly PreparedFilesystem[];
  /** A kernel that is started in place of what the disks hold. */
  kernel: KernelBoot | undefined;
  interfaces: readonly PreparedInterface[];
  /** File that becomes fw_cfg `opt/com.coreos/config`. */
  ignitionFile: string | undefined;
}
