import { BRIDGE } from "./bridge.ts";
import type { PodNetwork, PodRoute } from "./pod-network.ts";
import type { Resolver } from "./resolv-conf.ts";

/** What the DHCP server tells the guest. */
export interface DhcpOffer {
  pod: PodNetwork;
  /** The guest's own MAC; nobody else is answered. */
  mac: string;
  hostname: string;
  resolver: Resolver;
}

/**
 * Arguments of a dnsmasq that is nothing but a DHCP server (no DNS, no files) with one lease.
 * Options: RFC 2132 (router 3, servers 6, host name 12, domain 15, MTU 26), RFC 3397 (search 119), RFC 3442
 * (classless routes 121: clients that know it ignore the router option, so the default route is in it too).
 */
export function dnsmasqArguments({ pod, mac, hostname, resolver }: DhcpOffer): string[] {
  const gateway = pod.routes.find(({ destination }) => destination === "default")?.gateway;
  const options = [
    ["3", ...(gateway === undefined ? [] : [gateway])],
    ...(resolver.servers.length > 0 ? [["6", ...resolver.servers]] : []),
    ["26", String(pod.mtu)],
    ...(resolver.search[0] === undefined
      ? []
      : [
          ["15", resolver.search[0]],
          ["119", ...resolver.search],
        ]),
    ...classlessRoutes(pod),
  ];
  return [
    "--keep-in-foreground",
    "--conf-file=/dev/null",
    "--log-facility=-",
    "--user=nobody",
    "--group=",
    "--port=0",
    `--interface=${BRIDGE}`,
    "--bind-interfaces",
    "--leasefile-ro",
    "--no-ping",
    "--dhcp-authoritative",
    "--quiet-dhcp",
    `--shared-network=${BRIDGE},${pod.address}`,
    `--dhcp-range=${pod.address},static,${netmask(pod.prefixLength)}`,
    `--dhcp-host=${mac},${pod.address},${hostname},infinite`,
    "--dhcp-ignore=tag:!known",
    ...options.map((option) => `--dhcp-option-force=${option.join(",")}`),
  ];
}

/** Routes on the link come first: a gateway outside the subnet (as Calico has it) is reached by one of them. */
function classlessRoutes(pod: PodNetwork): string[][] {
  const onLink = pod.routes.filter(({ gateway }) => gateway === undefined);
  const beyond = pod.routes.filter(({ gateway }) => gateway !== undefined);
  const values = [...onLink, ...beyond].flatMap(routeValues);
  return values.length === 0 ? [] : [["121", ...values]];
}

function routeValues({ destination, gateway }: PodRoute): string[] {
  return [destination === "default" ? "0.0.0.0/0" : destination, gateway ?? "0.0.0.0"];
}

/** 24 → 255.255.255.0 */
export function netmask(prefixLength: number): string {
  const bits = prefixLength === 0 ? 0 : (0xffffffff << (32 - prefixLength)) >>> 0;
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 0xff).join(".");
}
