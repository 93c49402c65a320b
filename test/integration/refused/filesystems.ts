import type { Case, Fields } from "../harness/refusal.ts";
import { instanceSpec } from "./instances.ts";

const root = { name: "root", registryDisk: { image: "nestlet.dev/halt:1" } };
const files = { name: "files", configMap: { name: "c" } };
const drive = { name: "drive", cloudInitConfigDrive: { userData: "a" } };
const ignition = { name: "ignition", ignition: { inline: "{}" } };

const shared = (name: string): Fields => ({ name, virtio9p: {} });

/** An instance with filesystems, its root and more volumes. */
function withFilesystems(filesystems: Fields[], ...volumes: Fields[]): Fields {
  const devices = { disks: [{ name: "root" }], filesystems };
  return instanceSpec({ volumes: [root, ...volumes] }, { devices });
}

/** What is taken. */
export const acceptedFilesystems: readonly (readonly [string, Fields])[] = [
  ["a ConfigMap as a filesystem", withFilesystems([shared("files")], files)],
  [
    "a Secret as a filesystem, of the longest name",
    withFilesystems([shared("s".repeat(31))], { name: "s".repeat(31), secret: { secretName: "s" } }),
  ],
  ["a config drive as a filesystem", withFilesystems([shared("drive")], drive)],
  [
    "Ignition as a filesystem, beside files",
    withFilesystems([shared("ignition"), shared("files")], ignition, files),
  ],
  [
    "filesystems without disks",
    instanceSpec({ volumes: [files] }, { devices: { filesystems: [shared("files")] } }),
  ],
];

const refused: readonly (readonly [string, Fields, string])[] = [
  [
    "no volume",
    withFilesystems([shared("files"), shared("drive")], files),
    'domain.devices.filesystems: filesystem "drive" has no volume; add a volume of this name to spec.volumes or remove the filesystem',
  ],
  [
    "a disk's volume",
    withFilesystems([shared("files"), shared("data")], files, {
      name: "data",
      emptyDisk: { capacity: "1Gi" },
    }),
    'domain.devices.filesystems: volume "data" cannot be shared as files, only configMap, secret, cloudInitConfigDrive and ignition can; make it a disk',
  ],
  [
    "the disk that NoCloud is",
    withFilesystems([shared("init")], { name: "init", cloudInitNoCloud: { userData: "a" } }),
    'domain.devices.filesystems: volume "init" cannot be shared as files',
  ],
  [
    "two config drives",
    withFilesystems([shared("drive"), shared("ignition")], drive, ignition),
    'domain.devices.filesystems: "ignition" is a second filesystem with the tag config-2, by which a guest finds one; remove one of the two, or rename it if it is a configMap or secret',
  ],
  [
    "a ConfigMap of a config drive's tag",
    withFilesystems([shared("drive"), shared("config-2")], drive, {
      name: "config-2",
      configMap: { name: "c" },
    }),
    '"config-2" is a second filesystem with the tag config-2',
  ],
  [
    "a volume that is a disk as well",
    instanceSpec(
      { volumes: [root, files] },
      { devices: { disks: [{ name: "root" }, { name: "files" }], filesystems: [shared("files")] } },
    ),
    'filesystems: volume "files" is shown as a disk as well; remove the disk or the filesystem',
  ],
  [
    "two of a name",
    withFilesystems([shared("files"), shared("files")], files),
    'spec.domain.devices.filesystems[1]: Duplicate value: {"name":"files"}',
  ],
  [
    "a name that is too long for a tag",
    withFilesystems([shared("f".repeat(32))], { name: "f".repeat(32), configMap: { name: "c" } }),
    "has a name of 32 characters, at most 31 are possible, as in a mount tag; give its volume a shorter name",
  ],
  [
    "virtiofs",
    withFilesystems([{ name: "files", virtiofs: {} }], files),
    "virtiofs is not supported; write virtio9p: {} in its place, and mount the tag as file system type 9p in the guest",
  ],
  [
    "no way to be shared",
    withFilesystems([{ name: "files" }], files),
    'filesystem "files" does not say how it is shared; add virtio9p: {}',
  ],
  [
    "a way of its own",
    withFilesystems([{ name: "files", virtio9p: { readOnly: false } }], files),
    'unknown field "spec.domain.devices.filesystems[0].virtio9p.readOnly"',
  ],
];

export const filesystemCases: Case[] = refused.map(([title, spec, says]) => ({
  title: `a filesystem with ${title}`,
  spec,
  says,
}));
