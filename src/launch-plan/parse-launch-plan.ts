import { LAUNCH_PLAN_VERSION } from "./launch-plan.ts";
import type {
  CloudInitSource,
  CpuPlan,
  DiskPlan,
  DiskSource,
  FirmwarePlan,
  IgnitionPlan,
  InitData,
  InterfacePlan,
  LaunchPlan,
  TimeoutPlan,
  UserKeys,
} from "./launch-plan.ts";
import { Field } from "./field.ts";

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/;
const MAC = /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/i;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const PRINTABLE = /^[\x20-\x7e]{1,128}$/;
const CPU_MODEL = /^[A-Za-z0-9][-A-Za-z0-9._]{0,62}$/;
const DISK_SERIAL = /^[A-Za-z0-9._+-]{1,20}$/;
const BASE64 = /^[A-Za-z0-9+/\s]*={0,2}\s*$/;
const USER = /^[A-Za-z_][-A-Za-z0-9_.]{0,31}$/;
const INIT_DISKS = ["CloudInit", "IgnitionDrive"] as const;
const FILE = /^\/[^\0]{0,4094}$/;

/**
 * Reads a launch plan, refusing whatever the launcher could not start.
 * @throws LaunchPlanError naming the field, its value and what it should be
 */
export function parseLaunchPlan(json: string): LaunchPlan {
  const plan = Field.ofJson(json);
  plan.at("version").literal(LAUNCH_PLAN_VERSION);
  const firmware = plan.at("firmware");
  const disks = plan.at("disks").list(parseDisk);
  const interfaces = plan.at("interfaces").list(parseInterface);
  refuseTwins(plan.at("disks"), disks);
  refuseTwins(plan.at("interfaces"), interfaces);
  return {
    version: LAUNCH_PLAN_VERSION,
    namespace: plan.at("namespace").text(LABEL, "an RFC 1123 label"),
    name: plan.at("name").text(SUBDOMAIN, "an RFC 1123 subdomain"),
    uid: plan.at("uid").text(PRINTABLE, "the instance's UID"),
    identity: plan.at("identity").text(UUID, "a UID").toLowerCase(),
    hostname: plan.at("hostname").text(LABEL, "an RFC 1123 label"),
    cpu: parseCpu(plan.at("cpu")),
    memoryBytes: plan.at("memoryBytes").multiple(MIB, 1 * MIB, 16 * 1024 * GIB),
    acceleration: plan.at("acceleration").oneOf(["Prefer", "Require", "Emulate"]),
    firmware: parseFirmware(firmware),
    disks,
    interfaces,
    ...plan.at("ignition").optional("ignition", parseIgnition),
    ...plan.at("graphics").optional("graphics", yes),
    ...plan.at("livenessProbe").optional("livenessProbe", yes),
    timeouts: parseTimeouts(plan.at("timeouts")),
  };
}

function yes(field: Field): true {
  return field.flag() ? true : field.refuse("true, or to be left out");
}

function parseCpu(cpu: Field): CpuPlan {
  return {
    sockets: cpu.at("sockets").integer(1, 255),
    cores: cpu.at("cores").integer(1, 255),
    threads: cpu.at("threads").integer(1, 255),
    ...cpu.at("model").optional("model", (field) => field.text(CPU_MODEL, "a libvirt CPU model name")),
  };
}

function parseFirmware(firmware: Field): FirmwarePlan {
  return {
    ...firmware.at("uuid").optional("uuid", (field) => field.text(UUID, "a UUID").toLowerCase()),
    ...firmware.at("serial").optional("serial", (field) => field.text(PRINTABLE, "printable ASCII")),
  };
}

function parseDisk(disk: Field): DiskPlan {
  return {
    name: disk.at("name").text(LABEL, "an RFC 1123 label"),
    bus: disk.at("bus").oneOf(["virtio", "sata", "scsi"]),
    ...disk.at("bootOrder").optional("bootOrder", (field) => field.integer(1, 1000)),
    ...disk
      .at("serial")
      .optional("serial", (field) => field.text(DISK_SERIAL, "1 to 20 letters, digits or ._+-")),
    readOnly: disk.at("readOnly").flag(),
    source: parseSource(disk.at("source")),
  };
}

function parseSource(source: Field): DiskSource {
  const capacity = (field: Field): number => field.integer(512, Number.MAX_SAFE_INTEGER);
  const kind = source.at("kind").oneOf(["RegistryDisk", "PersistentVolumeClaim", "EmptyDisk", ...INIT_DISKS]);
  if (kind === "CloudInit") return parseCloudInit(source);
  if (kind === "IgnitionDrive") return { kind };
  if (kind === "EmptyDisk") return { kind, capacityBytes: capacity(source.at("capacityBytes")) };
  if (kind === "PersistentVolumeClaim") {
    return {
      kind,
      claimName: source.at("claimName").text(SUBDOMAIN, "an RFC 1123 subdomain"),
      volumeMode: source.at("volumeMode").oneOf(["Filesystem", "Block"]),
      path: source.at("path").text(FILE, "an absolute path"),
      ...source.at("createBytes").optional("createBytes", capacity),
    };
  }
  return {
    kind,
    image: source.at("image").text(PRINTABLE_REFERENCE, "an image reference"),
    mountPath: source.at("mountPath").text(FILE, "an absolute path"),
    ...source.at("path").optional("path", (field) => field.text(FILE, "an absolute path")),
    ...source.at("capacityBytes").optional("capacityBytes", capacity),
    ...source.at("overlay").optional("overlay", (overlay) => ({
      claimName: overlay.at("claimName").text(SUBDOMAIN, "an RFC 1123 subdomain"),
      path: overlay.at("path").text(FILE, "an absolute path"),
    })),
  };
}

function parseCloudInit(source: Field): CloudInitSource {
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

function parsePath(path: Field): string {
  return path.text(FILE, "an absolute path");
}

const PRINTABLE_REFERENCE = /^[\x21-\x7e]{1,1024}$/;

function parseInterface(nic: Field): InterfacePlan {
  return {
    name: nic.at("name").text(LABEL, "an RFC 1123 label"),
    binding: nic.at("binding").oneOf(["bridge"]),
    model: nic.at("model").oneOf(["virtio", "e1000e"]),
    ...nic
      .at("macAddress")
      .optional("macAddress", (field) => field.text(MAC, "a unicast MAC address like 52:54:00:12:34:56")),
  };
}

function parseIgnition(ignition: Field): IgnitionPlan {
  const inline = ignition.at("inline").optional("inline", (field) => field.text(/^/, "an Ignition config"));
  const path = ignition.at("path").optional("path", parsePath);
  const keys = ignition.at("sshKeys").optional("sshKeys", (field) => field.list(parseUserKeys));
  if (inline.inline !== undefined && path.path === undefined) return { inline: inline.inline, ...keys };
  if (path.path !== undefined && inline.inline === undefined) return { path: path.path, ...keys };
  return ignition.refuse("either path or inline");
}

function parseUserKeys(keys: Field): UserKeys {
  return { user: keys.at("user").text(USER, "a user's name"), folder: parsePath(keys.at("folder")) };
}

function parseTimeouts(timeouts: Field): TimeoutPlan {
  return {
    startSeconds: timeouts.at("startSeconds").integer(1, 86_400),
    gracePeriodSeconds: timeouts.at("gracePeriodSeconds").integer(0, 86_400 * 365),
  };
}

function refuseTwins(list: Field, items: readonly { name: string }[]): void {
  const names = new Set<string>();
  for (const [index, { name }] of items.entries()) {
    if (names.has(name)) list.at(index).at("name").refuse("a name that no other item of the list has");
    names.add(name);
  }
}
