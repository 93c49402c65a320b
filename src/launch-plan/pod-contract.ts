/**
 * Where the controller mounts things and the launcher finds them, and how a launcher's end is told:
 * the shape of the pod between the two programs, beside the plan itself.
 */

/** Name of the container whose end decides the instance's outcome. */
export const COMPUTE_CONTAINER = "compute";

/** Command of the readiness probe: blocks until the domain runs, exits 0 then. */
export const STARTED_COMMAND = ["/usr/bin/nestlet-started"] as const;

/** Command in the compute container that does verbs inside the pod; see src/launcher/control/protocol.ts. */
export const CONTROL_COMMAND = "/usr/bin/nestlet-ctl";

/**
 * What the launcher's log says, as `msg` of a JSON line with a `reason`, when the guest's processors stop, and when they
 * go on. The launcher's probe fails in between.
 */
export const PAUSED_MESSAGE = "the guest is paused";
export const RESUMED_MESSAGE = "the guest goes on";

/**
 * What the launcher's log says once, before the guest can write to it, as `msg` of a JSON line: with `accelerator`, and
 * with `obstacle` where it would rather have had KVM.
 */
export const ACCELERATION_MESSAGE = "acceleration chosen";

/** Exists while the domain runs. */
export const READINESS_FILE = "/tmp/healthy";

/** emptyDir for overlays and empty disks. */
export const EPHEMERAL_DIR = "/var/run/nestlet/ephemeral";

/** Folder below which each registry disk's image is mounted, by volume name. */
export const REGISTRY_DISK_DIR = "/var/run/nestlet/registry-disks";

/** Folder below which each claim with a file system is mounted, by volume name. */
export const CLAIM_DIR = "/var/run/nestlet/claims";

/** Folder below which each Block claim has its device, by volume name. */
export const BLOCK_DEVICE_DIR = "/dev/nestlet";

/** Folder below which each host disk's folder of the node is mounted, by volume name. */
export const HOST_DISK_DIR = "/var/run/nestlet/host-disks";

/** Where the image with the kernel that is to be started is mounted. */
export const KERNEL_BOOT_DIR = "/var/run/nestlet/kernel-boot";

/** Where the node's huge pages are mounted; libvirt looks for them among the mounts. */
export const HUGE_PAGES_DIR = "/dev/hugepages";

/** Folder below which init data is mounted, by volume name. */
export const INIT_DATA_DIR = "/var/run/nestlet/init-data";

/** Folder below which each Secret or ConfigMap with keys for ssh is mounted, by its place in the spec's list. */
export const SSH_KEYS_DIR = "/var/run/nestlet/ssh-keys";

/** Kubernetes' default; the launcher writes its Ending there as JSON, at most 4096 bytes. */
export const TERMINATION_MESSAGE_PATH = "/dev/termination-log";

/** Why a launcher ended, in the words of the instance's status. */
export type EndingReason =
  /** The guest powered itself off. */
  | "GuestShutdown"
  /** Nestlet asked (SIGTERM) and the guest went down within its grace period, or that was 0. */
  | "Stopped"
  /** Nestlet asked and the guest had to be destroyed when its grace period was over. */
  | "Killed"
  /** The guest crashed, or qemu died under it. */
  | "Crashed"
  /** The guest never ran; message says why. */
  | "StartFailed";

/** The termination message. */
export interface Ending {
  reason: EndingReason;
  /** One sentence for a person: what happened and, where there is one, the remedy. */
  message: string;
  /** What the domain ran on, if it came that far. */
  acceleration?: "kvm" | "tcg";
}

/** Exit code of the launcher for an ending; 0 means the guest's run counts as a success. */
export const EXIT_CODES: Record<EndingReason, number> = {
  GuestShutdown: 0,
  Stopped: 0,
  Killed: 3,
  Crashed: 2,
  StartFailed: 4,
};
