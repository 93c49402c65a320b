import type {
  ClaimSource,
  CloudInitSource,
  DiskPlan,
  DiskSource,
  HostDiskSource,
  InitData,
  RegistryDiskSource,
} from "./launch-plan.ts";
import type { Field } from "./field.ts";
import { LABEL, REFERENCE, SUBDOMAIN } from "./patterns.ts";

const DISK_SERIAL = /^[A-Za-z0-9._+-]{1,20}$/;
const BASE64 = /^[A-Za-z0-9+/\s]*={0,2}\s*$/;
const FILE = /^\/[^\0]{0,4094}$/;
const VOLUME_LABEL = /^[A-Za-z0-9_-]{1,16}$/;

const CACHE_MODES = ["none", "writethrough", "writeback"] as const;
const IO_MODES = ["native", "threads"] as const;

/** One entry of a plan's list of disks. */
export function parseDisk(disk: Field): DiskPlan {
  return {
    name: disk.at("name").text(LABEL, "an RFC 1123 label"),
    bus: disk.at("bus").oneOf(["virtio", "sata", "scsi"]),
    ...disk.at("cdrom").optional("cdrom", yes),
    ...disk.at("cache").optional("cache", (field) => field.oneOf(CACHE_MODES)),
    ...disk.at("io").optional("io", (field) => field.oneOf(IO_MODES)),
    ...disk.at("bootOrder").optional("bootOrder", (field) => field.integer(1, 1000)),
    ...disk
      .at("serial")
      .optional("serial", (field) => field.text(DISK_SERIAL, "1 to 20 letters, digits or ._+-")),
    readOnly: disk.at("readOnly").flag(),
    source: parseSource(disk.at("source")),
  };
}

export function parsePath(path: Field): string {
  return path.text(FILE, "an absolute path");
}

/** A flag that is there only when it is true. */
export function yes(field: Field): true {
  return field.flag() ? true : field.refuse("true, or to be left out");
}

/** How each kind of source is read. */
const SOURCES: { [Kind in DiskSource["kind"]]: (source: Field) => DiskSource & { kind: Kind } } = {
  RegistryDisk: parseRegistryDisk,
  PersistentVolumeClaim: (source) => ({
    kind: "PersistentVolumeClaim",
    ...parseClaim(source),
    ...source.at("createBytes").optional("createBytes", parseBytes),
  }),
  EphemeralClaim: (source) => ({ kind: "EphemeralClaim", ...parseClaim(source) }),
  EmptyDisk: (source) => ({ kind: "EmptyDisk", capacityBytes: parseBytes(source.at("capacityBytes")) }),
  HostDisk: parseHostDisk,
  Files: (source) => ({
    kind: "Files",
    folder: parsePath(source.at("folder")),
    label: source.at("label").text(VOLUME_LABEL, "1 to 16 letters, digits, _ or -"),
  }),
  CloudInit: parseCloudInit,
  IgnitionDrive: () => ({ kind: "IgnitionDrive" }),
};

function parseSource(source: Field): DiskSource {
  const kind = source.at("kind").oneOf(Object.keys(SOURCES) as DiskSource["kind"][]);
  return SOURCES[kind](source);
}

function parseBytes(field: Field): number {
  return field.integer(512, Number.MAX_SAFE_INTEGER);
}

function parseClaim(source: Field): Pick<ClaimSource, "claimName" | "volumeMode" | "path"> {
  return {
    claimName: source.at("claimName").text(SUBDOMAIN, "an RFC 1123 subdomain"),
    volumeMode: source.at("volumeMode").oneOf(["Filesystem", "Block"]),
    path: parsePath(source.at("path")),
  };
}

function parseRegistryDisk(source: Field): RegistryDiskSource {
  return {
    kind: "RegistryDisk",
    image: source.at("image").text(REFERENCE, "an image reference"),
    mountPath: parsePath(source.at("mountPath")),
    ...source.at("path").optional("path", parsePath),
    ...source.at("capacityBytes").optional("capacityBytes", parseBytes),
    ...source.at("overlay").optional("overlay", (overlay) => ({
      claimName: overlay.at("claimName").text(SUBDOMAIN, "an RFC 1123 subdomain"),
      path: parsePath(overlay.at("path")),
    })),
  };
}

function parseHostDisk(source: Field): HostDiskSource {
  return {
    kind: "HostDisk",
    hostPath: parsePath(source.at("hostPath")),
    path: parsePath(source.at("path")),
    ...source.at("createBytes").optional("createBytes", parseBytes),
  };
}

export function parseCloudInit(source: Field): CloudInitSource {
  return {
    kind: "CloudInit",
    layout: source.at("layout").oneOf(["NoCloud", "ConfigDrive"]),
    ...source.at("userData").optional("userData", parseInitData),
    ...source.at("networkData").optional("networkData", parseInitData),
    ...source.at("sshKeys").optional("sshKeys", (field) => field.list(parsePath)),
  };
}

function parseInitData(data: Field): InitData {
  const { inline } = data.at("inline").optional("inline", (field) => field.text(/^/, "text"));
  const { base64 } = data.at("base64").optional("base64", (field) => field.text(BASE64, "base64"));
  const { paths } = data.at("paths").optional("paths", (field) => field.list(parsePath));
  if (inline !== undefined) return { inline };
  if (base64 !== undefined) return { base64 };
  return paths === undefined ? data.refuse("inline, base64 or paths") : { paths };
}
