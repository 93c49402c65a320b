import { access, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BridgePlan, InterfacePlan, LaunchPlan, MasqueradePlan } from "../../launch-plan/launch-plan.ts";
import { command } from "../command.ts";
import type { PreparedInterface } from "../domain/domain-spec.ts";
import { macAddress } from "../domain/identity.ts";
import { StartError } from "../start-error.ts";
import { bridgeCommands, QUIET_SETTINGS } from "./bridge.ts";
import { BRIDGE, POD_DEVICE, TAP_DEVICE } from "./devices.ts";
import { dnsmasqArguments, type DhcpOffer } from "./dhcp.ts";
import { DhcpServer } from "./dhcp-server.ts";
import {
  forwardingSettings,
  masqueradeCommands,
  masqueradeRules,
  privateNetworks,
  type PrivateNetwork,
} from "./masquerade.ts";
import { readPodNetwork, type PodAddress, type PodNetwork } from "./pod-network.ts";
import { readResolvConf } from "./resolv-conf.ts";
import { ROUTER_SETTINGS, routerCommands, routerRules } from "./router.ts";

const IP = "/usr/bin/ip";
const NFT = "/usr/sbin/nft";

const BRIDGE_NEEDS = "bridge in a pod with IPv6 takes nf_tables in the node's kernel: load the module there";
const MASQUERADE_NEEDS =
  "masquerade takes nf_tables with NAT in the node's kernel: load the modules there, or use bridge";

export interface PreparedNetwork {
  interfaces: PreparedInterface[];
}

/**
 * Connects the guest's interface to the pod's network, and starts the DHCP server that tells the guest of it.
 * @throws StartError when the pod has no network to give
 */
export async function prepareNetwork(
  plan: Pick<LaunchPlan, "interfaces" | "hostname" | "identity">,
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
  const offer = nic.binding === "bridge" ? await bridge(nic, pod) : await masquerade(nic, pod, plan.identity);
  const resolver = readResolvConf(resolvConf);
  DhcpServer.start(dnsmasqArguments({ ...offer, hostname: plan.hostname, resolver }));
  return { interfaces: [preparedInterface(nic, offer.mac, pod.mtu, vhost)] };
}

type Place = Omit<DhcpOffer, "hostname" | "resolver">;

/** Gives the pod's place on the network to the guest. */
async function bridge(nic: BridgePlan, pod: PodNetwork): Promise<Place> {
  const mac = nic.macAddress ?? pod.mac;
  for (const [file, value] of QUIET_SETTINGS) await setKernel(file, value);
  await Promise.all([
    command(IP, ["-batch", "-"], { input: bridgeCommands(pod) }),
    pod.ipv6 === undefined ? undefined : applyRules(nic, routerRules(mac), BRIDGE_NEEDS),
  ]);
  if (pod.ipv6 !== undefined) {
    for (const [file, value] of ROUTER_SETTINGS) await setKernel(file, value);
    await command(IP, ["-batch", "-"], { input: routerCommands(pod.ipv6) });
  }
  return { ...pod, mac, remote: true };
}

/** Hides the guest behind the pod's address. */
async function masquerade(nic: MasqueradePlan, pod: PodNetwork, identity: string): Promise<Place> {
  const networks = privateNetworks(nic, pod);
  // Container engines may switch it off for whatever the network plugin does not make.
  if (networks.ipv6 !== undefined) await setKernel("net/ipv6/conf/default/disable_ipv6", "0");
  await command(IP, ["-batch", "-"], { input: masqueradeCommands(pod, networks) });
  for (const [file, value] of forwardingSettings(networks)) await setKernel(file, value);
  await applyRules(nic, masqueradeRules(pod, networks, nic.ports), MASQUERADE_NEEDS);
  const place = ({ gateway, guest, prefixLength }: PrivateNetwork): PodAddress => ({
    address: guest,
    prefixLength,
    routes: [{ destination: "default", gateway }],
  });
  const { ipv4, ipv6 } = networks;
  return {
    ...(ipv4 === undefined ? {} : { ipv4: place(ipv4) }),
    ...(ipv6 === undefined ? {} : { ipv6: place(ipv6) }),
    mtu: pod.mtu,
    mac: nic.macAddress ?? macAddress(identity, nic.name),
  };
}

async function applyRules(nic: InterfacePlan, rules: string, needs: string): Promise<void> {
  try {
    await command(NFT, ["-f", "-"], { input: rules });
  } catch (error) {
    throw new StartError(`interface ${nic.name}: ${(error as Error).message}; ${needs}`);
  }
}

function preparedInterface(nic: InterfacePlan, mac: string, mtu: number, vhost: boolean): PreparedInterface {
  return { model: nic.model, mac: mac.toLowerCase(), bridge: BRIDGE, device: TAP_DEVICE, mtu, vhost };
}

async function lookAtPod(): Promise<PodNetwork> {
  const [addresses, routes4, routes6] = await Promise.all([
    command(IP, ["-json", "address", "show", "dev", POD_DEVICE]),
    command(IP, ["-json", "-4", "route", "show", "dev", POD_DEVICE]),
    command(IP, ["-json", "-6", "route", "show", "dev", POD_DEVICE]),
  ]);
  return readPodNetwork(POD_DEVICE, { addresses, routes4, routes6 });
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
