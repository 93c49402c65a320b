import { existsSync } from "node:fs";
import { join } from "node:path";
import { labName, labRunDir, labStateDir } from "../lib/paths.ts";
import { addressAt, parseRange, subrangeAt } from "./ranges.ts";
import { address6At, parseRange6, subnet6At } from "./ranges6.ts";

/** Where a lab lives and which addresses it uses. All paths are absolute. */
export interface Settings {
  /** Name of the network namespace and of the cgroup below each controller's root. */
  readonly name: string;
  /** Keeps what survives `down`: nothing but data that `reset` removes. */
  readonly stateDir: string;
  /** Sockets, process ids, mounts of a running lab. */
  readonly runDir: string;
  readonly podRange: string;
  /**
   * Its first /64 is the network of the nodes, each further one that of a node's pods. Absent, pods have IPv4 alone;
   * Services always do.
   */
  readonly podRange6?: string;
  readonly serviceRange: string;
  /** The network of the nodes; the machine's own end has the first address. */
  readonly nodeRange: string;
}

/** One kubelet with its containerd. Numbers start at 1. */
export interface Node {
  readonly name: string;
  readonly address: string;
  readonly podRange: string;
  readonly ipv6?: NodeIpv6;
  readonly stateDir: string;
  readonly runDir: string;
}

/** On the pods' IPv6 range; Kubernetes knows the node by its IPv4 address alone. */
export interface NodeIpv6 {
  readonly address: string;
  /** The machine's own address on the same network. */
  readonly machine: string;
  readonly podRange: string;
}

/**
 * The settings of this process: defaults, or what NESTLET_LAB_* says.
 * @param hasIpv6 whether the kernel has it
 * @throws RangeError naming the variable
 */
export function readSettings(
  variables: NodeJS.ProcessEnv = process.env,
  hasIpv6 = existsSync("/proc/sys/net/ipv6"),
): Settings {
  const podRange6 = hasIpv6 ? range6From(variables, "NESTLET_LAB_PODS6", "fd93:4e65:7374::/48") : undefined;
  return {
    name: checkedName(labName),
    stateDir: labStateDir,
    runDir: labRunDir,
    podRange: rangeFrom(variables, "NESTLET_LAB_PODS", "10.93.0.0/16", 22),
    serviceRange: rangeFrom(variables, "NESTLET_LAB_SERVICES", "10.94.0.0/16", 24),
    nodeRange: rangeFrom(variables, "NESTLET_LAB_NODES", "10.92.255.0/28", 30),
    ...(podRange6 === undefined ? {} : { podRange6 }),
  };
}

/** The machine's own address on the network of the nodes. */
export function gatewayAddress(settings: Settings): string {
  return addressAt(settings.nodeRange, 1);
}

export function nodeAt(settings: Settings, number: number): Node {
  const name = `${settings.name}-${number}`;
  const { podRange6 } = settings;
  return {
    name,
    address: addressAt(settings.nodeRange, number + 1),
    podRange: subrangeAt(settings.podRange, 24, number - 1),
    ...(podRange6 === undefined ? {} : { ipv6: nodeIpv6(podRange6, number) }),
    stateDir: join(settings.stateDir, name),
    runDir: join(settings.runDir, name),
  };
}

function nodeIpv6(range: string, number: number): NodeIpv6 {
  return {
    address: address6At(range, 0, number + 1),
    machine: address6At(range, 0, 1),
    podRange: subnet6At(range, number),
  };
}

export function dnsAddress(settings: Settings): string {
  return addressAt(settings.serviceRange, 10);
}

/** For `ip -n` and `nsenter --net`. */
export function namespacePath(settings: Settings): string {
  return `/run/netns/${settings.name}`;
}

/** The veth pair: the machine's end, and the one on the nodes' bridge. */
export function linkNames(settings: Settings): { machine: string; lab: string; bridge: string } {
  return { machine: `${settings.name}0`, lab: "machine0", bridge: "nodes0" };
}

export function kubeconfigPath(settings: Settings): string {
  return join(settings.stateDir, "kubeconfig");
}

/** The line of a shell by which kubectl and helm are found, and find the lab. */
export function environment(settings: Settings): string {
  return `export KUBECONFIG=${kubeconfigPath(settings)} PATH=$PATH:${join(settings.stateDir, "bin")}`;
}

function rangeFrom(
  variables: NodeJS.ProcessEnv,
  variable: string,
  fallback: string,
  longest: number,
): string {
  const text = variables[variable] ?? fallback;
  try {
    if (parseRange(text).prefixLength <= longest) return text;
  } catch (error) {
    throw new RangeError(`${variable}: ${(error as Error).message}`, { cause: error });
  }
  throw new RangeError(`${variable}: ${text} is too small; it needs a length of at most ${longest}`);
}

/** An empty variable stands for pods without IPv6. */
function range6From(variables: NodeJS.ProcessEnv, variable: string, fallback: string): string | undefined {
  const text = variables[variable] ?? fallback;
  if (text === "") return undefined;
  const longest = 62;
  try {
    if (parseRange6(text).prefixLength <= longest) return text;
  } catch (error) {
    throw new RangeError(`${variable}: ${(error as Error).message}`, { cause: error });
  }
  throw new RangeError(`${variable}: ${text} is too small; it needs a length of at most ${longest}`);
}

/** An interface is named after the lab, and its name has at most 15 characters (IFNAMSIZ). */
function checkedName(name: string): string {
  if (/^[a-z][a-z0-9-]{0,12}[a-z0-9]$/.test(name)) return name;
  throw new RangeError(
    `NESTLET_LAB_NAME: ${name} is not a usable name; take 2 to 14 of a-z, 0-9 and -, starting with a letter`,
  );
}
