import type { MasqueradePlan, PortPlan } from "../../launch-plan/launch-plan.ts";
import { randomMac } from "./bridge.ts";
import { BRIDGE, POD_DEVICE } from "./devices.ts";
import type { PodNetwork } from "./pod-network.ts";
import { linkLocalCommand, NO_ADDRESS_BY_ITSELF } from "./router.ts";

/** The guest's private network of one family. */
export interface PrivateNetwork {
  gateway: string;
  guest: string;
  prefixLength: number;
}

/** Of each family that the pod has. */
export interface PrivateNetworks {
  ipv4?: PrivateNetwork;
  ipv6?: PrivateNetwork;
}

/** The second and the third address of each network, as KubeVirt gives them. */
export function privateNetworks(plan: MasqueradePlan, pod: PodNetwork): PrivateNetworks {
  return {
    ...(pod.ipv4 === undefined ? {} : { ipv4: privateNetwork(plan.network, address4) }),
    ...(pod.ipv6 === undefined ? {} : { ipv6: privateNetwork(plan.network6, address6) }),
  };
}

function privateNetwork(cidr: string, addressOf: (base: string, index: number) => string): PrivateNetwork {
  const [base = "", prefix = ""] = cidr.split("/");
  return { gateway: addressOf(base, 1), guest: addressOf(base, 2), prefixLength: Number(prefix) };
}

/** A network's own address ends in zeros, so that a small number is added to its last part. */
function address4(base: string, index: number): string {
  const last = base.lastIndexOf(".") + 1;
  return `${base.slice(0, last)}${Number(base.slice(last)) + index}`;
}

function address6(base: string, index: number): string {
  const last = base.lastIndexOf(":") + 1;
  return `${base.slice(0, last)}${(Number.parseInt(base.slice(last) || "0", 16) + index).toString(16)}`;
}

/** Commands for `ip -batch`: a bridge for the guest alone, on which the pod is its gateway. */
export function masqueradeCommands({ mtu }: Pick<PodNetwork, "mtu">, networks: PrivateNetworks): string {
  const { ipv4, ipv6 } = networks;
  const addressOfPod = ({ gateway, prefixLength }: PrivateNetwork): string =>
    `address add ${gateway}/${prefixLength} dev ${BRIDGE}`;
  return [
    `link add name ${BRIDGE} address ${randomMac()} mtu ${mtu} type bridge ` +
      "stp_state 0 forward_delay 0 mcast_snooping 0",
    ...(ipv4 === undefined ? [] : [addressOfPod(ipv4)]),
    ...(ipv6 === undefined ? [] : [NO_ADDRESS_BY_ITSELF, linkLocalCommand(), `${addressOfPod(ipv6)} nodad`]),
    `link set dev ${BRIDGE} up`,
    "",
  ].join("\n");
}

/**
 * Files under /proc/sys and their values: the pod forwards. What it was told by router advertisements it still believes;
 * packets for 127.0.0.1 (kubectl port-forward) may be sent on to the guest.
 */
export function forwardingSettings({ ipv4, ipv6 }: PrivateNetworks): readonly (readonly [string, string])[] {
  return [
    ...(ipv4 === undefined
      ? []
      : ([
          ["net/ipv4/ip_forward", "1"],
          [`net/ipv4/conf/${BRIDGE}/route_localnet`, "1"],
        ] as const)),
    ...(ipv6 === undefined
      ? []
      : ([
          [`net/ipv6/conf/${POD_DEVICE}/accept_ra`, "2"],
          ["net/ipv6/conf/all/forwarding", "1"],
        ] as const)),
  ];
}

/**
 * Rules for `nft -f`: what is sent to the pod's address reaches the guest, on the given ports or on all, and what the
 * guest sends comes from the pod's address. Nothing leaves under the private address: what connection tracking cannot
 * place is dropped.
 */
export function masqueradeRules(
  pod: PodNetwork,
  networks: PrivateNetworks,
  ports?: readonly PortPlan[],
): string {
  const { ipv4, ipv6 } = networks;
  const rules4 =
    ipv4 === undefined || pod.ipv4 === undefined
      ? ""
      : familyRules({ family: "ip", pod: pod.ipv4.address, loopback: ["127.0.0.0/8"], ...ipv4 }, ports);
  const rules6 =
    ipv6 === undefined || pod.ipv6 === undefined
      ? ""
      : familyRules({ family: "ip6", pod: pod.ipv6.address, loopback: [], ...ipv6 }, ports);
  return rules4 + rules6;
}

/** The addresses of one family that the rules are about. */
interface Family extends PrivateNetwork {
  family: "ip" | "ip6";
  /** The pod's. */
  pod: string;
  /** From which the guest can be reached inside the pod; Linux lets ::1 go nowhere. */
  loopback: readonly string[];
}

function familyRules(addresses: Family, ports: readonly PortPlan[] | undefined): string {
  const { family, pod, loopback, guest, gateway } = addresses;
  const own = [...loopback, pod].join(", ");
  const chain = (name: string, hook: string, rules: readonly string[]): string[] => [
    `  chain ${name} {`,
    `    ${hook}; policy accept;`,
    ...rules.map((rule) => `    ${rule}`),
    "  }",
  ];
  const toGuest = (match: string): string[] =>
    portMatches(ports).map((port) => `${match} ${port}dnat to ${guest}`);
  return [
    `table ${family} nestlet {`,
    ...chain("from_guest", "type filter hook prerouting priority raw", [
      ...loopback.map((address) => `iifname "${BRIDGE}" ${family} daddr ${address} drop`),
    ]),
    ...chain(
      "inbound",
      "type nat hook prerouting priority dstnat",
      toGuest(`iifname "${POD_DEVICE}" ${family} daddr ${pod}`),
    ),
    ...chain("local", "type nat hook output priority -100", toGuest(`${family} daddr { ${own} }`)),
    ...chain("outbound", "type nat hook postrouting priority srcnat", [
      `oifname "${BRIDGE}" ${family} saddr { ${own} } snat to ${gateway}`,
      `oifname "${POD_DEVICE}" ${family} saddr ${guest} masquerade`,
    ]),
    ...chain("forward", "type filter hook forward priority filter", ["ct state invalid drop"]),
    "}",
    "",
  ].join("\n");
}

/** One match a protocol; an empty one where all ports are meant. */
function portMatches(ports: readonly PortPlan[] | undefined): string[] {
  if (ports === undefined) return [""];
  const protocols = [...new Set(ports.map(({ protocol }) => protocol))];
  return protocols.map((protocol) => {
    const numbers = new Set(ports.filter((each) => each.protocol === protocol).map(({ port }) => port));
    return `${protocol.toLowerCase()} dport { ${[...numbers].sort((a, b) => a - b).join(", ")} } `;
  });
}
