/** What the guest's agent tells, in the shape of KubeVirt's VirtualMachineInstanceGuestAgentInfo, with the interfaces. */
export interface GuestInfo {
  guestAgentVersion?: string;
  hostname?: string;
  os?: GuestOs;
  timezone?: string;
  userList?: GuestUser[];
  interfaces?: GuestInterface[];
  fsInfo?: { disks: GuestFilesystem[] };
}

export interface GuestOs {
  id?: string;
  name?: string;
  prettyName?: string;
  version?: string;
  versionId?: string;
  kernelRelease?: string;
  kernelVersion?: string;
  machine?: string;
}

export interface GuestUser {
  userName: string;
  domain?: string;
  /** Seconds since the epoch. */
  loginTime?: number;
}

export interface GuestInterface {
  interfaceName: string;
  mac?: string;
  ipAddress?: string;
  ipAddresses: string[];
}

export interface GuestFilesystem {
  diskName: string;
  mountPoint: string;
  fileSystemType: string;
  usedBytes?: number;
  totalBytes?: number;
}

/** Commands of the agent whose answers make a GuestInfo, in the order in which they are asked. */
export const AGENT_COMMANDS = [
  "guest-info",
  "guest-get-host-name",
  "guest-get-osinfo",
  "guest-get-timezone",
  "guest-get-users",
  "guest-network-get-interfaces",
  "guest-get-fsinfo",
] as const;

export type AgentAnswers = Partial<Record<(typeof AGENT_COMMANDS)[number], unknown>>;

/** A guest says what it likes: what is not as the agent's protocol has it is left out. */
export function guestInfoOf(answers: AgentAnswers): GuestInfo {
  const os = osOf(answers["guest-get-osinfo"]);
  return {
    ...text("guestAgentVersion", member(answers["guest-info"], "version")),
    ...text("hostname", member(answers["guest-get-host-name"], "host-name")),
    ...(os === undefined ? {} : { os }),
    ...text("timezone", timezoneOf(answers["guest-get-timezone"])),
    ...list("userList", answers["guest-get-users"], userOf),
    ...list("interfaces", answers["guest-network-get-interfaces"], interfaceOf),
    ...filesystems(answers["guest-get-fsinfo"]),
  };
}

function osOf(answer: unknown): GuestOs | undefined {
  if (typeof answer !== "object" || answer === null) return undefined;
  return {
    ...text("id", member(answer, "id")),
    ...text("name", member(answer, "name")),
    ...text("prettyName", member(answer, "pretty-name")),
    ...text("version", member(answer, "version")),
    ...text("versionId", member(answer, "version-id")),
    ...text("kernelRelease", member(answer, "kernel-release")),
    ...text("kernelVersion", member(answer, "kernel-version")),
    ...text("machine", member(answer, "machine")),
  };
}

/** `Zone, seconds east of UTC`, as KubeVirt writes it. */
function timezoneOf(answer: unknown): string | undefined {
  const zone = member(answer, "zone");
  const offset = member(answer, "offset");
  if (typeof offset !== "number") return undefined;
  return typeof zone === "string" ? `${zone}, ${offset}` : String(offset);
}

function userOf(answer: unknown): GuestUser | undefined {
  const userName = member(answer, "user");
  if (typeof userName !== "string") return undefined;
  return {
    userName,
    ...text("domain", member(answer, "domain")),
    ...number("loginTime", member(answer, "login-time")),
  };
}

function interfaceOf(answer: unknown): GuestInterface | undefined {
  const interfaceName = member(answer, "name");
  if (typeof interfaceName !== "string") return undefined;
  const ipAddresses = items(member(answer, "ip-addresses"), (address) => {
    const ip = member(address, "ip-address");
    return typeof ip === "string" ? ip : undefined;
  });
  return {
    interfaceName,
    ...text("mac", member(answer, "hardware-address")),
    ...text("ipAddress", ipAddresses[0]),
    ipAddresses,
  };
}

function filesystems(answer: unknown): Pick<GuestInfo, "fsInfo"> {
  const { disks } = list("disks", answer, filesystemOf);
  return disks === undefined ? {} : { fsInfo: { disks } };
}

function filesystemOf(answer: unknown): GuestFilesystem | undefined {
  const [diskName, mountPoint, fileSystemType] = ["name", "mountpoint", "type"].map((key) =>
    member(answer, key),
  );
  if (typeof diskName !== "string" || typeof mountPoint !== "string" || typeof fileSystemType !== "string") {
    return undefined;
  }
  return {
    diskName,
    mountPoint,
    fileSystemType,
    ...number("usedBytes", member(answer, "used-bytes")),
    ...number("totalBytes", member(answer, "total-bytes")),
  };
}

function member(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}

function items<T>(value: unknown, read: (item: unknown) => T | undefined): T[] {
  return Array.isArray(value) ? value.map(read).filter((item) => item !== undefined) : [];
}

function list<Name extends string, T>(
  name: Name,
  value: unknown,
  read: (item: unknown) => T | undefined,
): Partial<Record<Name, T[]>> {
  const found: Partial<Record<Name, T[]>> = {};
  if (Array.isArray(value)) found[name] = items(value, read);
  return found;
}

function text<Name extends string>(name: Name, value: unknown): Partial<Record<Name, string>> {
  const found: Partial<Record<Name, string>> = {};
  if (typeof value === "string") found[name] = value;
  return found;
}

function number<Name extends string>(name: Name, value: unknown): Partial<Record<Name, number>> {
  const found: Partial<Record<Name, number>> = {};
  if (typeof value === "number") found[name] = value;
  return found;
}
