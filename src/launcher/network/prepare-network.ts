import { access, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { InterfacePlan, LaunchPlan } from "../../launch-plan/launch-plan.ts";
import { command } from "../command.ts";
import type { PreparedInterface } from "../domain/domain-spec.ts";
import { StartError } from "../start-error.ts";
import { BRIDGE, bridgeCommands, POD_DEVICE, QUIET_SETTINGS, TAP_DEVICE } from "./bridge.ts";
import { dnsmasqArguments } from "./dhcp.ts";
import { DhcpServer } from "./dhcp-server.ts";
import { readPodNetwork, type PodNetwork } from "./pod-network.ts";
import { readResolvConf } from "./resolv-conf.ts";

const IP = "/usr/bin/ip";

export interface PreparedNetwork {
  interfaces: PreparedInterface[];
}

/**
 * Gives the pod's address to the guest: bridge, then the DHCP server that tells the guest of it.
 * @throws StartError when the pod has no network to give
 */
export async function prepareNetwork(
  plan: Pick<LaunchPlan, "interfaces" | "hostname">,
): Promise<PreparedNetwork> {
  const [nic, ...others] = plan.interfaces;
  if (nic === undefined) return { interfaces: [] };
  if (others.length > 0) {
    throw new StartError(
      `the plan has ${plan.interfaces.length} interfaces; one, on the pod network, is possible`,
    );
  }
  const [pod, resolvConf, vhost] = await Promise.all([
    lookAtPod(),
    readFile("/etc/resolv.conf", "utf8"),
    exists("/dev/vhost-net"),
  ]);
  await makeBridge(pod);
  const mac = nic.macAddress?.toLowerCase() ?? pod.mac;
  const resolver = readResolvConf(resolvConf);
  DhcpServer.start(dnsmasqArguments({ pod, mac, hostname: plan.hostname, resolver }));
  return { interfaces: [preparedInterface(nic, mac, pod.mtu, vhost)] };
}

function preparedInterface(nic: InterfacePlan, mac: string, mtu: number, vhost: boolean): PreparedInterface {
  return { model: nic.model, mac, bridge: BRIDGE, device: TAP_DEVICE, mtu, vhost };
}

async function lookAtPod(): Promise<PodNetwork> {
  const [address, route] = await Promise.all([
    command(IP, ["-json", "address", "show", "dev", POD_DEVICE]),
    command(IP, ["-json", "-4", "route", "show", "dev", POD_DEVICE]),
  ]);
  return readPodNetwork(POD_DEVICE, address, route);
}

async function makeBridge(pod: PodNetwork): Promise<void> {
  for (const [file, value] of QUIET_SETTINGS) await setKernel(file, value);
  await command(IP, ["-batch", "-"], { input: bridgeCommands(pod) });
}

/** A kernel without IPv6 has no settings for it. */
async function setKernel(file: string, value: string): Promise<void> {
  const path = join("/proc/sys", file);
  if (await exists(path)) await writeFile(path, value);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
