import { LAUNCH_PLAN_VERSION } from "./launch-plan.ts";
import type {
  CpuPlan,
  FirmwarePlan,
  IgnitionPlan,
  InterfacePlan,
  KernelBootPlan,
  LaunchPlan,
  PortPlan,
  TimeoutPlan,
  UserKeys,
} from "./launch-plan.ts";
import { Field } from "./field.ts";
import { parseDisk, parsePath, yes } from "./parse-disk.ts";
import { parseFilesystem } from "./parse-filesystem.ts";
import { LABEL, REFERENCE, SUBDOMAIN } from "./patterns.ts";

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const MAC = /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/i;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const PRINTABLE = /^[\x20-\x7e]{1,128}$/;
const CPU_MODEL = /^[A-Za-z0-9][-A-Za-z0-9._]{0,62}$/;
const CIDR4 = /^\d{1,3}(\.\d{1,3}){3}\/(\d|1\d|2\d)$/;
const CIDR6 = /^[0-9a-f:]{2,39}\/(6[4-9]|[789]\d|1[01]\d|120)$/i;
const ARGUMENTS = /^[^\0\n]{0,2048}$/;
const WATCHDOG_ACTIONS = ["reset", "shutdown", "poweroff"] as const;
const USER = /^[A-Za-z_][-A-Za-z0-9_.]{0,31}$/;

/**
 * Reads a launch plan, refusing whatever the launcher could not start.
 * @throws LaunchPlanError naming the field, its value and what it should be
 */
export function parseLaunchPlan(json: string): LaunchPlan {
  const plan = Field.ofJson(json);
  plan.at("version").literal(LAUNCH_PLAN_VERSION);
  const firmware = plan.at("firmware");
  const disks = plan.at("disks").list(parseDisk);
  const filesystems = plan.at("filesystems").list(parseFilesystem);
  const interfaces = plan.at("interfaces").list(parseInterface);
  refuseTwins(plan.at("disks"), "name", disks);
  refuseTwins(plan.at("filesystems"), "name", filesystems);
  refuseTwins(plan.at("filesystems"), "tag", filesystems);
  refuseTwins(plan.at("interfaces"), "name", interfaces);
  return {
    version: LAUNCH_PLAN_VERSION,
    namespace: plan.at("namespace").text(LABEL, "an RFC 1123 label"),
    name: plan.at("name").text(SUBDOMAIN, "an RFC 1123 subdomain"),
    uid: plan.at("uid").text(PRINTABLE, "the instance's UID"),
    identity: plan.at("identity").text(UUID, "a UID").toLowerCase(),
    hostname: plan.at("hostname").text(LABEL, "an RFC 1123 label"),
    cpu: parseCpu(plan.at("cpu")),
    memoryBytes: plan.at("memoryBytes").multiple(MIB, 1 * MIB, 16 * 1024 * GIB),
    ...plan.at("hugePageBytes").optional("hugePageBytes", (field) => field.multiple(2 * MIB, 2 * MIB, GIB)),
    acceleration: plan.at("acceleration").oneOf(["Prefer", "Require", "Emulate"]),
    firmware: parseFirmware(firmware),
    ...plan.at("kernelBoot").optional("kernelBoot", parseKernelBoot),
    disks,
    filesystems,
    interfaces,
    ...plan.at("ignition").optional("ignition", parseIgnition),
    ...plan.at("graphics").optional("graphics", yes),
    ...plan.at("watchdog").optional("watchdog", (field) => field.oneOf(WATCHDOG_ACTIONS)),
    ...plan.at("livenessProbe").optional("livenessProbe", yes),
    timeouts: parseTimeouts(plan.at("timeouts")),
  };
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
    ...firmware.at("efi").optional("efi", yes),
  };
}

function parseKernelBoot(boot: Field): KernelBootPlan {
  return {
    image: boot.at("image").text(REFERENCE, "an image reference"),
    mountPath: parsePath(boot.at("mountPath")),
    kernelPath: parsePath(boot.at("kernelPath")),
    ...boot.at("initrdPath").optional("initrdPath", parsePath),
    ...boot
      .at("arguments")
      .optional("arguments", (field) => field.text(ARGUMENTS, "a line of at most 2048 characters")),
  };
}

function parseInterface(nic: Field): InterfacePlan {
  const common = {
    name: nic.at("name").text(LABEL, "an RFC 1123 label"),
    model: nic.at("model").oneOf(["virtio", "e1000e"]),
    ...nic
      .at("macAddress")
      .optional("macAddress", (field) => field.text(MAC, "a unicast MAC address like 52:54:00:12:34:56")),
  };
  const binding = nic.at("binding").oneOf(["bridge", "masquerade"]);
  if (binding === "bridge") return { ...common, binding };
  return {
    ...common,
    binding,
    network: nic.at("network").text(CIDR4, "an IPv4 network of a /29 or more like 10.0.2.0/24"),
    network6: nic.at("network6").text(CIDR6, "an IPv6 network of a /64 to /120 like fd10:0:2::/120"),
    ...nic.at("ports").optional("ports", (field) => field.list(parsePort)),
  };
}

function parsePort(port: Field): PortPlan {
  return {
    protocol: port.at("protocol").oneOf(["TCP", "UDP", "SCTP"]),
    port: port.at("port").integer(1, 65_535),
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

function refuseTwins<Key extends string>(
  list: Field,
  key: Key,
  items: readonly Readonly<Record<Key, string>>[],
): void {
  const values = new Set<string>();
  for (const [index, { [key]: value }] of items.entries()) {
    if (values.has(value)) list.at(index).at(key).refuse(`a ${key} that no other item of the list has`);
    values.add(value);
  }
}
