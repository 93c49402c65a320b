import { BRIDGE } from "./bridge.ts";
import type { PrivateNetwork } from "./masquerade.ts";
import type { PodNetwork, PodRoute } from "./pod-network.ts";
import type { Resolver } from "./resolv-conf.ts";

/** What the DHCP server tells the guest. */
export interface DhcpOffer {
  /** The guest's address, and what goes with it. */
  lease: Pick<PodNetwork, "address" | "prefixLength" | "mtu" | "routes">;
  /** The bridge has no address in the guest's network. */
  remote?: true;
  /** The guest's IPv6 network, if it has one: told by DHCPv6, and by router advertisements that name the bridge. */
  ipv6?: PrivateNetwork;
  /** The guest's own MAC; nobody else is answered. */
  mac: string;
  hostname: string;
  resolver: Resolver;
}

/**
 * Arguments of a dnsmasq that is nothing but a DHCP server (no DNS, no files) with one lease.
 * The host name is option 12, which dnsmasq sends by itself. Others: RFC 2132 (router 3, servers 6, host name 12, domain 15, MTU 26), RFC 3397 (search 119), RFC 3442
 * (classless routes 121: clients that know it ignore the router option, so the default route is in it too).
 */
export function dnsmasqArguments(offer: DhcpOffer): string[] {
  const { lease, remote, ipv6, mac, hostname, resolver } = offer;
  const gateway = lease.routes.find(({ destination }) => destination === "default")?.gateway;
  const options = [
    ["3", ...(gateway === undefined ? [] : [gateway])],
    ...(resolver.servers.length > 0 ? [["6", ...resolver.servers]] : []),
    ["26", String(lease.mtu)],
    ...(resolver.search[0] === undefined
      ? []
      : [
          ["15", resolver.search[0]],
          ["119", ...resolver.search],
        ]),
    ...classlessRoutes(lease),
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
    ...(remote === true ? [`--shared-network=${BRIDGE},${lease.address}`] : []),
    `--dhcp-range=${lease.address},static,${netmask(lease.prefixLength)}`,
    `--dhcp-host=${mac},${lease.address},${ipv6 === undefined ? "" : `[${ipv6.guest}],`}${hostname},infinite`,
    ...ipv6Arguments(ipv6, resolver),
    "--dhcp-ignore=tag:!known",
    ...options.map((option) => `--dhcp-option-force=${option.join(",")}`),
  ];
}

function ipv6Arguments(ipv6: PrivateNetwork | undefined, { search }: Resolver): string[] {
  if (ipv6 === undefined) return [];
  return [
    "--enable-ra",
    `--dhcp-range=${ipv6.guest},static,${ipv6.prefixLength}`,
    ...(search.length === 0 ? [] : [`--dhcp-option=option6:domain-search,${search.join(",")}`]),
  ];
}

/** Routes on the link come first: a gateway outside the subnet (as Calico has it) is reached by one of them. */
function classlessRoutes({ routes }: DhcpOffer["lease"]): string[][] {
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
