import { BRIDGE, POD_DEVICE } from "./devices.ts";
import type { PodNetwork } from "./pod-network.ts";
import { NO_ADDRESS_BY_ITSELF } from "./router.ts";

/** The bridge's own address, for the DHCP server only; nothing else on the link knows it. */
export const BRIDGE_ADDRESS = "169.254.75.86";

/**
 * Commands for `ip -batch` that give the pod's place on the network to the guest: eth0 loses its address and its MAC
 * (the guest has them) and becomes a port of the bridge. The bridge neither delays, nor learns from outside that the
 * guest's MAC were there.
 */
export function bridgeCommands({ mtu, ipv4, ipv6 }: PodNetwork): string {
  return [
    `link set dev ${POD_DEVICE} down`,
    `address flush dev ${POD_DEVICE}`,
    `link set dev ${POD_DEVICE} address ${randomMac()}`,
    `link add name ${BRIDGE} address ${randomMac()} mtu ${mtu} type bridge ` +
      "stp_state 0 forward_delay 0 mcast_snooping 0",
    `link set dev ${POD_DEVICE} master ${BRIDGE}`,
    `link set dev ${POD_DEVICE} type bridge_slave learning off`,
    ...(ipv4 === undefined ? [] : [`address add ${BRIDGE_ADDRESS}/32 dev ${BRIDGE}`]),
    ...(ipv6 === undefined ? [] : [NO_ADDRESS_BY_ITSELF]),
    `link set dev ${BRIDGE} up`,
    `link set dev ${POD_DEVICE} up`,
    "",
  ].join("\n");
}

/**
 * Files under /proc/sys and their values: the pod answers ARP only for addresses of the asked interface, and no
 * IPv6 address grows from a MAC that belongs to the guest.
 */
export const QUIET_SETTINGS: readonly (readonly [string, string])[] = [
  ["net/ipv6/conf/default/disable_ipv6", "1"],
  [`net/ipv6/conf/${POD_DEVICE}/disable_ipv6`, "1"],
  ["net/ipv4/conf/all/arp_ignore", "1"],
  ["net/ipv4/conf/all/arp_announce", "2"],
  ["net/ipv4/conf/all/send_redirects", "0"],
];

/** A locally administered unicast address. */
export function randomMac(): string {
  const bytes = Array.from({ length: 6 }, () => Math.floor(Math.random() * 256));
  bytes[0] = ((bytes[0] ?? 0) & 0xfc) | 0x02;
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(":");
}
