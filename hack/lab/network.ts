import { existsSync } from "node:fs";
import { readdir, rmdir } from "node:fs/promises";
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
  for (const range of [settings.serviceRange, settings.podRange]) {
    await run("ip", ["route", "add", range, "via", node.address, "dev", machine]);
  }
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
  const parameters = {
    "net/ipv4/ip_forward": "1",
    // Replies between two pods of one bridge must pass kube-proxy's rules too.
    "net/bridge/bridge-nf-call-iptables": "1",
    "net/ipv4/conf/all/rp_filter": "0",
    "net/ipv4/conf/default/rp_filter": "0",
  };
  for (const [name, value] of Object.entries(parameters)) {
    await run("nsenter", [
      `--net=${namespacePath(settings)}`,
      "sh",
      "-c",
      `echo ${value} >/proc/sys/${name}`,
    ]);
  }
}
