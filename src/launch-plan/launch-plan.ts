/**
 * The one contract between the controller and the launcher. The controller resolves a
 * VirtualMachineInstance into a plan and hands it over in the environment variable `NESTLET_LAUNCH_PLAN`
 * of the launcher's container, as JSON. The launcher needs nothing else to start.
 */

/** The variable of the launcher's environment that carries the plan. */
export const LAUNCH_PLAN_ENV = "NESTLET_LAUNCH_PLAN";

/** Raised on every change that an older launcher would misread. */
export const LAUNCH_PLAN_VERSION = 4;

export interface LaunchPlan {
  version: typeof LAUNCH_PLAN_VERSION;
  /** Namespace, name and UID of the VirtualMachineInstance. */
  namespace: string;
  name: string;
  uid: string;
  /**
   * What MAC addresses, firmware UUID and disk serials are derived from: the UID of the VirtualMachine,
   * or of the instance where it has no VirtualMachine. The same at each run.
   */
  identity: string;
  /** Host name that the guest is offered by DHCP: an RFC 1123 label. */
  hostname: string;
  cpu: CpuPlan;
  /** Guest memory in bytes; a multiple of 1 MiB. */
  memoryBytes: number;
  /** Size in bytes of the node's huge pages that the memory is taken from; absent: ordinary pages. */
  hugePageBytes?: number;
  acceleration: Acceleration;
  firmware: FirmwarePlan;
  kernelBoot?: KernelBootPlan;
  disks: DiskPlan[];
  /** Folders that the guest mounts. */
  filesystems: FilesystemPlan[];
  interfaces: InterfacePlan[];
  ignition?: IgnitionPlan;
  /** The guest has a display, reached by VNC. */
  graphics?: true;
  /** What is done when the guest no longer sets its watchdog back; absent: it has none. */
  watchdog?: WatchdogAction;
  /** The kubelet ends the guest when it does not answer: it cannot be paused. */
  livenessProbe?: true;
  timeouts: TimeoutPlan;
}

export interface CpuPlan {
  sockets: number;
  cores: number;
  threads: number;
  /** libvirt CPU model name, `host-model` or `host-passthrough`; absent: the best that the accelerator has. */
  model?: string;
}

/** `Prefer` takes KVM where it truly works and emulation otherwise; the other two insist. */
export type Acceleration = "Prefer" | "Require" | "Emulate";

export interface FirmwarePlan {
  /** SMBIOS UUID; absent: derived from the identity. */
  uuid?: string;
  /** SMBIOS serial number. */
  serial?: string;
  /** UEFI instead of a BIOS. */
  efi?: true;
}

/** A kernel that is started in place of what the disks hold. */
export interface KernelBootPlan {
  /** The reference of the image that it is in, for messages. */
  image: string;
  /** Where the image's root file system is mounted. */
  mountPath: string;
  /** Files inside the image, absolute. */
  kernelPath: string;
  initrdPath?: string;
  /** The kernel's command line. */
  arguments?: string;
}

/** `reset` starts the guest anew, `shutdown` presses its power button, `poweroff` ends it. */
export type WatchdogAction = "reset" | "shutdown" | "poweroff";

export interface DiskPlan {
  /** Name of the disk and of its volume: an RFC 1123 label. */
  name: string;
  bus: "virtio" | "sata" | "scsi";
  /** Shown as a CD-ROM; it is read-only then. */
  cdrom?: true;
  /** How the node's page cache is used; absent: `none` where the file system can, otherwise `writethrough`. */
  cache?: CacheMode;
  /** How qemu reads and writes; absent: by threads. */
  io?: "native" | "threads";
  /** 1 is tried first; absent: after all that have one, in the order of the list. */
  bootOrder?: number;
  /** Serial number shown to the guest, at most 20 characters; absent: derived from identity and name. */
  serial?: string;
  readOnly: boolean;
  source: DiskSource;
}

export type CacheMode = "none" | "writethrough" | "writeback";

export type DiskSource =
  | RegistryDiskSource
  | ClaimSource
  | EphemeralClaimSource
  | EmptyDiskSource
  | HostDiskSource
  | FilesSource
  | CloudInitSource
  | IgnitionDriveSource;

/** An image with one file under `/disk`, mounted read-only; the guest writes to an overlay, of the pod or of a claim. */
export interface RegistryDiskSource {
  kind: "RegistryDisk";
  /** The image's reference, for messages. */
  image: string;
  /** Where the image's root file system is mounted. */
  mountPath: string;
  /** File inside the image, absolute; absent: the only file under `/disk`. */
  path?: string;
  /** Size that the guest sees, in bytes, if larger than the image's own. */
  capacityBytes?: number;
  /** Where the overlay outlives the pod; absent: it goes with the pod. */
  overlay?: KeptOverlay;
}

export interface KeptOverlay {
  /** Name of the claim, for messages. */
  claimName: string;
  /** Where the claim is mounted. */
  path: string;
}

/** A disk on a PersistentVolumeClaim: the file `disk.img` of a folder, or a block device. */
export interface ClaimSource {
  kind: "PersistentVolumeClaim";
  /** Name of the claim, for messages. */
  claimName: string;
  volumeMode: "Filesystem" | "Block";
  /** Where the claim is mounted, or its device. */
  path: string;
  /**
   * Size in bytes of the empty disk that is made where a Filesystem claim has none, and that a smaller one grows to;
   * absent: none is an error, and nothing grows.
   */
  createBytes?: number;
}

/** A disk on a claim that is only read; the guest writes to an overlay of the pod. */
export interface EphemeralClaimSource extends Omit<ClaimSource, "kind" | "createBytes"> {
  kind: "EphemeralClaim";
}

/** A disk file of the node. */
export interface HostDiskSource {
  kind: "HostDisk";
  /** Its path on the node, for messages. */
  hostPath: string;
  /** Its path in the pod, where its folder is mounted. */
  path: string;
  /** Size in bytes of the empty disk that is made where there is none; absent: that is an error. */
  createBytes?: number;
}

/** The files of a mounted folder (a ConfigMap's or a Secret's keys) as a small read-only disk. */
export interface FilesSource {
  kind: "Files";
  folder: string;
  /** By which the guest finds the disk; at most 16 characters. */
  label: string;
}

/** A sparse disk that lives as long as the pod. */
export interface EmptyDiskSource {
  kind: "EmptyDisk";
  capacityBytes: number;
}

/** The files by which the guest's cloud-init finds what it is to do, on a small read-only disk or in a folder. */
export interface CloudInitSource {
  kind: "CloudInit";
  /** NoCloud's disk has the label `cidata`, that of ConfigDrive (OpenStack's) the label `config-2`. */
  layout: "NoCloud" | "ConfigDrive";
  userData?: InitData;
  networkData?: InitData;
  /** Mounted folders whose files hold public keys for ssh, one a line, that let their owners in. */
  sshKeys?: string[];
}

/** The plan's Ignition config as OpenStack would hand it over: on a disk with the label `config-2`, or in a folder. */
export interface IgnitionDriveSource {
  kind: "IgnitionDrive";
}

/** Files that the guest reads over 9P2000.L on virtio, and cannot write. */
export interface FilesystemPlan {
  /** Name of the filesystem and of its volume: an RFC 1123 label. */
  name: string;
  /** The mount tag by which the guest finds it: 1 to 31 bytes, which no other filesystem of the plan has. */
  tag: string;
  source: FilesystemSource;
}

export type FilesystemSource = FolderSource | CloudInitSource | IgnitionDriveSource;

/** A mounted folder (a ConfigMap's or a Secret's keys) as it is: what changes in it the guest sees. */
export interface FolderSource {
  kind: "Folder";
  path: string;
}

/** Text in the plan itself, bytes in it, or the first of some mounted files that is there. */
export type InitData = { inline: string } | { base64: string } | { paths: string[] };

export type InterfacePlan = BridgePlan | MasqueradePlan;

interface NicPlan {
  /** Name of the interface and of its network. */
  name: string;
  model: "virtio" | "e1000e";
}

/** The guest takes over the pod's place on the network. */
export interface BridgePlan extends NicPlan {
  binding: "bridge";
  /** MAC address shown to the guest; absent: the pod's own, so that the network plugin accepts its frames. */
  macAddress?: string;
}

/** The guest has a private address behind the pod's. */
export interface MasqueradePlan extends NicPlan {
  binding: "masquerade";
  /** MAC address shown to the guest; absent: derived from the identity. */
  macAddress?: string;
  /** The private networks as CIDR: their second address is the gateway's, the third one the guest's. */
  network: string;
  network6: string;
  /** What reaches the guest of what is sent to the pod's address; absent: all. */
  ports?: PortPlan[];
}

export interface PortPlan {
  protocol: "TCP" | "UDP" | "SCTP";
  port: number;
}

/**
 * The guest's Ignition config (JSON), given to it as fw_cfg `opt/com.coreos/config`: in a mounted file, or in the
 * plan itself where the instance's spec carries it (at most 32 KiB).
 */
export type IgnitionPlan = ({ path: string } | { inline: string }) & { sshKeys?: UserKeys[] };

/** A mounted folder whose files hold public keys for ssh, one a line, that let their owners in as a user. */
export interface UserKeys {
  user: string;
  folder: string;
}

export interface TimeoutPlan {
  /** From the launcher's start until the domain must run. */
  startSeconds: number;
  /** From SIGTERM until the guest is destroyed; 0 destroys at once. */
  gracePeriodSeconds: number;
}
