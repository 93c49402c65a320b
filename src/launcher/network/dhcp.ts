import { BRIDGE } from "./devices.ts";
import type { PodAddress, PodRoute } from "./pod-network.ts";
import type { Resolver } from "./resolv-conf.ts";
import { ROUTER_NETWORK } from "./router.ts";

/** What the DHCP server tells the guest: of each family that the pod has. */
export interface DhcpOffer {
  ipv4?: PodAddress;
  /** By DHCPv6; the default route by router advertisements, which name the bridge. */
  ipv6?: Pick<PodAddress, "address" | "prefixLength">;
  mtu: number;
  /** The bridge has no address in the guest's networks. */
  remote?: true;
  /** The guest's own MAC; nobody else is answered. */
  mac: string;
  hostname: string;
  resolver: Resolver;
}

/**
 * Arguments of a dnsmasq that is nothing but a DHCP server (no DNS, no files) with one lease, and sends router
 * advertisements where there is IPv6. The host name is option 12, which dnsmasq sends by itself.
 */
export function dnsmasqArguments(offer: DhcpOffer): string[] {
  const { ipv4, ipv6, mac, hostname } = offer;
  const addresses = [
    ...(ipv4 === undefined ? [] : [ipv4.address]),
    ...(ipv6 === undefined ? [] : [`[${ipv6.address}]`]),
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
    "--quiet-dhcp6",
    "--quiet-ra",
    ...(ipv4 === undefined ? [] : ipv4Arguments(ipv4, offer)),
    ...(ipv6 === undefined ? [] : ipv6Arguments(ipv6, offer)),
    `--dhcp-host=${[mac, ...addresses, hostname, "infinite"].join(",")}`,
    "--dhcp-ignore=tag:!known",
  ];
}

/**
 * Options: RFC 2132 (router 3, servers 6, domain 15, MTU 26), RFC 3397 (search 119), RFC 3442 (classless routes 121:
 * clients that know it ignore the router option, so the default route is in it too).
 */
function ipv4Arguments(lease: PodAddress, { mtu, remote, resolver }: DhcpOffer): string[] {
  const gateway = lease.routes.find(({ destination }) => destination === "default")?.gateway;
  const options = [
    ["3", ...(gateway === undefined ? [] : [gateway])],
    ...(resolver.servers.length > 0 ? [["6", ...resolver.servers]] : []),
    ["26", String(mtu)],
    ...(resolver.search[0] === undefined
      ? []
      : [
          ["15", resolver.search[0]],
          ["119", ...resolver.search],
        ]),
    ...classlessRoutes(lease),
  ];
  return [
    ...(remote === true ? [`--shared-network=${BRIDGE},${lease.address}`] : []),
    `--dhcp-range=${lease.address},static,${netmask(lease.prefixLength)}`,
    ...options.map((option) => `--dhcp-option-force=${option.join(",")}`),
  ];
}

/**
 * Options: RFC 3646 (servers 23, search 24), in advertisements too (RFC 8106). Those have the MTU of the bridge. Of the
 * guest's network they say nothing where the bridge is not in it: all that the guest sends goes to its router first.
 */
function ipv6Arguments(
  { address, prefixLength }: Pick<PodAddress, "address" | "prefixLength">,
  { remote, resolver }: DhcpOffer,
): string[] {
  const { servers6, search } = resolver;
  const ranges =
    remote === true
      ? [
          `--shared-network=${BRIDGE},${address}`,
          `--dhcp-range=${address},static,128`,
          `--dhcp-range=${ROUTER_NETWORK.base},static,off-link,${ROUTER_NETWORK.length}`,
        ]
      : [`--dhcp-range=${address},static,${prefixLength}`];
  return [
    "--enable-ra",
    ...ranges,
    ...(servers6.length === 0
      ? []
      : [`--dhcp-option=option6:dns-server,${servers6.map((server) => `[${server}]`).join(",")}`]),
    ...(search.length === 0 ? [] : [`--dhcp-option=option6:domain-search,${search.join(",")}`]),
  ];
}

/** Routes on the link come first: a gateway outside the subnet (as Calico has it) is reached by one of them. */
function classlessRoutes({ routes }: PodAddress): string[][] {
  const onLink = routes.filter(({ gateway }) => gateway === undefined);
  const beyond = routes.filter(({ gateway }) => gateway !== undefined);
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
