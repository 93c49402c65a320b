/**
 * The one contract between the controller and the launcher. The controller resolves a
 * VirtualMachineInstance into a plan and hands it over in the environment variable `NESTLET_LAUNCH_PLAN`
 * of the launcher's container, as JSON. The launcher needs nothing else to start.
 */

/** The variable of the launcher's environment that carries the plan. */
export const LAUNCH_PLAN_ENV = "NESTLET_LAUNCH_PLAN";

/** Raised on every change that an older launcher would misread. */
export const LAUNCH_PLAN_VERSION = 2;

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
  acceleration: Acceleration;
  firmware: FirmwarePlan;
  disks: DiskPlan[];
  interfaces: InterfacePlan[];
  ignition?: IgnitionPlan;
  /** The guest has a display, reached by VNC. */
  graphics?: true;
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
}

export interface DiskPlan {
  /** Name of the disk and of its volume: an RFC 1123 label. */
  name: string;
  bus: "virtio" | "sata" | "scsi";
  /** 1 is tried first; absent: after all that have one, in the order of the list. */
  bootOrder?: number;
  /** Serial number shown to the guest, at most 20 characters; absent: derived from identity and name. */
  serial?: string;
  readOnly: boolean;
  source: DiskSource;
}

export type DiskSource =
  RegistryDiskSource | ClaimSource | EmptyDiskSource | CloudInitSource | IgnitionDriveSource;

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
  /** Size in bytes of the empty disk that is made where a Filesystem claim has none; absent: that is an error. */
  createBytes?: number;
}

/** A sparse disk that lives as long as the pod. */
export interface EmptyDiskSource {
  kind: "EmptyDisk";
  capacityBytes: number;
}

/** A small read-only disk by whose label the guest's cloud-init finds what it is to do. */
export interface CloudInitSource {
  kind: "CloudInit";
  /** NoCloud has the label `cidata`, ConfigDrive (OpenStack's) the label `config-2`. */
  layout: "NoCloud" | "ConfigDrive";
  userData?: InitData;
  networkData?: InitData;
  /** Mounted folders whose files hold public keys for ssh, one a line, that let their owners in. */
  sshKeys?: string[];
}

/** The plan's Ignition config as OpenStack would hand it over: on a disk with the label `config-2`. */
export interface IgnitionDriveSource {
  kind: "IgnitionDrive";
}

/** Text in the plan itself, bytes in it, or the first of some mounted files that is there. */
export type InitData = { inline: string } | { base64: string } | { paths: string[] };

export interface InterfacePlan {
  /** Name of the interface and of its network. */
  name: string;
  binding: "bridge";
  model: "virtio" | "e1000e";
  /** MAC address shown to the guest; absent: the pod's own, so that the network plugin accepts its frames. */
  macAddress?: string;
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
