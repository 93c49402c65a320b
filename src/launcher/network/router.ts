import { BRIDGE, POD_DEVICE } from "./devices.ts";
import type { PodAddress, PodRoute } from "./pod-network.ts";

/**
 * A network that exists on the bridge alone. dnsmasq advertises nothing unless the bridge has an address of its own, and
 * the guest's has to stay the guest's. The guest is told of it as of one that it neither reaches nor has an address in.
 */
export const ROUTER_NETWORK = {
  base: "fd4e:6573:746c:6574::",
  address: "fd4e:6573:746c:6574::1",
  length: 64,
};

/** For `ip -batch`, before IPv6 is on: the bridge's link-local address is given to it, with nobody asked about it. */
export const NO_ADDRESS_BY_ITSELF = `link set dev ${BRIDGE} addrgenmode none`;

/**
 * A link-local address for the bridge, by which the guest knows its router. It is usable at once (nodad), and the pods
 * of one network must not have the same one: so it is drawn by lot, like stable private ones (RFC 7217).
 */
export function linkLocalCommand(): string {
  const parts = Array.from({ length: 4 }, () => Math.floor(Math.random() * 0x10000).toString(16));
  return `address add fe80::${parts.join(":")}/64 dev ${BRIDGE} nodad`;
}

/**
 * Commands for `ip -batch` that make the pod the router of a guest that is on the pod's own network: an advertisement
 * can name no other next hop than its sender (RFC 4861), and what the guest sends to it goes on by the routes that the
 * pod had. Where its gateway is link-local or the destination on the link, Linux redirects the guest to it. What is sent
 * to the guest does not come by: it answers neighbour solicitations itself.
 */
export function routerCommands({ routes }: Pick<PodAddress, "routes">): string {
  const onLink = routes.filter(({ gateway }) => gateway === undefined);
  const beyond = routes.filter(({ gateway }) => gateway !== undefined);
  const { address, length } = ROUTER_NETWORK;
  return [
    linkLocalCommand(),
    `address add ${address}/${length} dev ${BRIDGE} nodad noprefixroute`,
    ...[...onLink, ...beyond].map(routeCommand),
    "",
  ].join("\n");
}

function routeCommand({ destination, gateway }: PodRoute): string {
  const target = destination === "default" ? "::/0" : destination;
  return `route add ${target} ${gateway === undefined ? "" : `via ${gateway} `}dev ${BRIDGE}`;
}

/** Files under /proc/sys and their values, to be written once the bridge is there. */
export const ROUTER_SETTINGS: readonly (readonly [string, string])[] = [
  ["net/ipv6/conf/all/forwarding", "1"],
  [`net/ipv6/conf/${BRIDGE}/disable_ipv6`, "0"],
];

/**
 * Rules for `nft -f`: advertisements, DHCPv6 and the questions for them stay on their side of eth0. The pod's neighbours
 * never learn of its router, nor can they give the guest another. What the guest asks whether its address is free
 * does not come back to it (a bridge with hairpin mode returns it): it would take itself for another. And the pod routes
 * for the guest alone: what comes from the network is for the guest, or about neighbours.
 */
export function routerRules(mac: string): string {
  const both = (direction: "iifname" | "oifname"): string[] => [
    `${direction} "${POD_DEVICE}" icmpv6 type { nd-router-solicit, nd-router-advert } drop`,
    `${direction} "${POD_DEVICE}" meta protocol ip6 udp dport { 546, 547 } drop`,
  ];
  const chain = (name: string, hook: string, rules: readonly string[]): string[] => [
    `  chain ${name} {`,
    `    type filter hook ${hook} priority filter; policy accept;`,
    ...rules.map((rule) => `    ${rule}`),
    "  }",
  ];
  return [
    "table bridge nestlet {",
    ...chain("from_network", "prerouting", [
      ...both("iifname"),
      `iifname "${POD_DEVICE}" ether saddr ${mac} icmpv6 type nd-neighbor-solicit drop`,
    ]),
    ...chain("to_pod", "input", [`iifname "${POD_DEVICE}" ip6 daddr != { fe80::/10, ff00::/8 } drop`]),
    ...chain("to_network", "postrouting", both("oifname")),
    "}",
    "",
  ].join("\n");
}
