import { existsSync } from "node:fs";
import { readdir, rmdir, writeFile } from "node:fs/promises";
import { run, succeeds } from "../lib/exec.ts";
import { parseRange } from "./ranges.ts";
import { gatewayAddress, linkNames, namespacePath, type Node, type Settings } from "./settings.ts";

/**
 * Makes the lab's network: a namespace without a route out, in it the bridge of the nodes, and a veth pair
 * from that bridge to the machine, which alone gets routes to pods and Services.
 */
export async function makeNetwork(settings: Settings, node: Node): Promise<void> {
  if (await networkStands(settings)) return;
  const { machine, lab, bridge } = linkNames(settings);
  const inside = async (...args: string[]): Promise<unknown> => run("ip", ["-n", settings.name, ...args]);
  const length = parseRange(settings.nodeRange).prefixLength;

  await run("ip", ["netns", "add", settings.name]);
  await inside("link", "set", "lo", "up");
  await inside("link", "add", bridge, "type", "bridge", "forward_delay", "0");
  await inside("address", "add", `${node.address}/${length}`, "dev", bridge);
  await inside("link", "set", bridge, "up");
  // A Service address needs a route before kube-proxy's rules exist, and then it must end here.
  await inside("route", "add", settings.serviceRange, "dev", bridge, "src", node.address);
  await setParameters(settings);

  await run("ip", ["link", "add", machine, "type", "veth", "peer", "name", lab, "netns", settings.name]);
  await inside("link", "set", lab, "master", bridge, "up");
  await run("ip", ["address", "add", `${gatewayAddress(settings)}/${length}`, "dev", machine]);
  await run("ip", ["link", "set", machine, "up"]);
  await addIpv6(settings, node);
  for (const range of [settings.serviceRange, settings.podRange]) {
    await run("ip", ["route", "add", range, "via", node.address, "dev", machine]);
  }
}

/**
 * A machine may have IPv6 switched off on its interfaces, as containers have it: the lab's own have it on. The CNI
 * plugin switches forwarding on as well, with the first pod.
 */
async function addIpv6(settings: Settings, { ipv6 }: Node): Promise<void> {
  if (settings.podRange6 === undefined || ipv6 === undefined) return;
  const { machine, bridge } = linkNames(settings);
  await writeParameters(settings, {
    "net/ipv6/conf/all/disable_ipv6": "0",
    "net/ipv6/conf/default/disable_ipv6": "0",
    "net/ipv6/conf/all/forwarding": "1",
  });
  await run("ip", ["-n", settings.name, "address", "add", `${ipv6.address}/64`, "dev", bridge, "nodad"]);
  await writeFile(`/proc/sys/net/ipv6/conf/${machine}/disable_ipv6`, "0");
  await run("ip", ["address", "add", `${ipv6.machine}/64`, "dev", machine, "nodad"]);
  await run("ip", ["-6", "route", "add", settings.podRange6, "via", ipv6.address, "dev", machine]);
}

/** The route to the pods is made last: with it, everything stands. */
export async function networkStands(settings: Settings): Promise<boolean> {
  if (!existsSync(namespacePath(settings))) return false;
  const routes = await run("ip", ["-4", "route", "show", settings.podRange]);
  return routes.includes(linkNames(settings).machine);
}

/** Removes namespace, veth pair and routes; no process may live in the namespace any more. */
export async function removeNetwork(settings: Settings): Promise<void> {
  const { machine } = linkNames(settings);
  if (existsSync(`/sys/class/net/${machine}`)) await run("ip", ["link", "delete", machine]);
  if (existsSync(namespacePath(settings))) await run("ip", ["netns", "delete", settings.name]);
  await removeNamespaceFolder();
}

/** `ip netns add` mounts its folder over itself; it goes when the last namespace has gone. */
async function removeNamespaceFolder(): Promise<void> {
  const folder = "/run/netns";
  if (!existsSync(folder) || (await readdir(folder)).length > 0) return;
  while (await succeeds("mountpoint", ["-q", folder])) await run("umount", [folder]);
  await rmdir(folder);
}

async function setParameters(settings: Settings): Promise<void> {
  await writeParameters(settings, {
    "net/ipv4/ip_forward": "1",
    // Replies between two pods of one bridge must pass kube-proxy's rules too.
    "net/bridge/bridge-nf-call-iptables": "1",
    "net/ipv4/conf/all/rp_filter": "0",
    "net/ipv4/conf/default/rp_filter": "0",
  });
}

/** Writes files under /proc/sys in the lab's namespace. */
async function writeParameters(
  settings: Settings,
  parameters: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [name, value] of Object.entries(parameters)) {
    await run("nsenter", [
      `--net=${namespacePath(settings)}`,
      "sh",
      "-c",
      `echo ${value} >/proc/sys/${name}`,
    ]);
  }
}
