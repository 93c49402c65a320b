import { StartError } from "../start-error.ts";

/** What the network plugin gave the pod's interface: an address of one family at least. */
export interface PodNetwork {
  mac: string;
  mtu: number;
  ipv4?: PodAddress;
  ipv6?: PodAddress;
}

/** The pod's place in the network of one family. */
export interface PodAddress {
  address: string;
  prefixLength: number;
  routes: PodRoute[];
}

export interface PodRoute {
  /** `default` or a CIDR. */
  destination: string;
  /** Absent: the destination is on the link. */
  gateway?: string;
}

/** What `ip -json` prints of the interface. */
export interface PodFacts {
  /** `address show dev eth0` */
  addresses: string;
  /** `-4 route show dev eth0` */
  routes4: string;
  /** `-6 route show dev eth0`; empty where the kernel has no IPv6. */
  routes6: string;
}

interface IpAddress {
  address?: string;
  mtu?: number;
  addr_info?: AddressInfo[];
}

interface AddressInfo {
  family?: string;
  local?: string;
  prefixlen?: number;
  scope?: string;
  /** From a router advertisement, not from the network plugin. */
  dynamic?: boolean;
}

interface IpRoute {
  dst?: string;
  gateway?: string;
  /** In place of one gateway; the first will do. */
  nexthops?: { gateway?: string }[];
  protocol?: string;
  type?: string;
}

/** @throws StartError when the interface has no address */
export function readPodNetwork(device: string, { addresses, routes4, routes6 }: PodFacts): PodNetwork {
  const [link] = JSON.parse(addresses) as IpAddress[];
  const ipv4 = podAddress(link, "inet", readRoutes(routes4).flatMap(readRoute4));
  const ipv6 = podAddress(link, "inet6", readRoutes(routes6).flatMap(readRoute6));
  if (link?.address === undefined || (ipv4 ?? ipv6) === undefined) {
    throw new StartError(
      `${device} has no address to hand to the guest: the cluster's network plugin gave the pod none`,
    );
  }
  return {
    mac: link.address,
    mtu: link.mtu ?? 1500,
    ...(ipv4 === undefined ? {} : { ipv4 }),
    ...(ipv6 === undefined ? {} : { ipv6 }),
  };
}

/** The plugin's own address goes before those that the kernel made of advertisements. */
function podAddress(
  link: IpAddress | undefined,
  wanted: "inet" | "inet6",
  routes: PodRoute[],
): PodAddress | undefined {
  const all = (link?.addr_info ?? []).filter(({ family, scope }) => family === wanted && scope === "global");
  const found = all.find(({ dynamic }) => dynamic !== true) ?? all[0];
  if (found?.local === undefined) return undefined;
  return { address: found.local, prefixLength: found.prefixlen ?? (wanted === "inet" ? 32 : 128), routes };
}

/** `ip` prints nothing at all where there are no routes. */
function readRoutes(json: string): IpRoute[] {
  return JSON.parse(json || "[]") as IpRoute[];
}

/** The kernel's own route to the subnet follows from the address; the guest makes it itself. */
function readRoute4(route: IpRoute): PodRoute[] {
  return route.protocol === "kernel" ? [] : podRoute(route, 32);
}

/**
 * The kernel's own route to the subnet is kept: the guest knows of no subnet, and the pod routes for it. Those to
 * link-local and multicast addresses are each interface's own; of several to one destination ip prints the best first.
 */
function readRoute6(route: IpRoute, index: number, all: readonly IpRoute[]): PodRoute[] {
  const { dst = "", type = "unicast" } = route;
  if (type !== "unicast" || /^f[ef]/i.test(dst)) return [];
  return all.findIndex((other) => other.dst === dst) < index ? [] : podRoute(route, 128);
}

function podRoute({ dst, gateway, nexthops }: IpRoute, hostLength: number): PodRoute[] {
  if (dst === undefined) return [];
  const destination = dst === "default" || dst.includes("/") ? dst : `${dst}/${hostLength}`;
  const via = gateway ?? nexthops?.[0]?.gateway;
  return [{ destination, ...(via === undefined ? {} : { gateway: via }) }];
}
