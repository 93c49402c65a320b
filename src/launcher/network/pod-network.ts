import { StartError } from "../start-error.ts";

/** What the network plugin gave the pod's interface. */
export interface PodNetwork {
  mac: string;
  mtu: number;
  address: string;
  prefixLength: number;
  /** Its global IPv6 address, where it has one. */
  address6?: string;
  routes: PodRoute[];
}

export interface PodRoute {
  /** `default` or a CIDR. */
  destination: string;
  /** Absent: the destination is on the link. */
  gateway?: string;
}

interface IpAddress {
  address?: string;
  mtu?: number;
  addr_info?: { family?: string; local?: string; prefixlen?: number; scope?: string }[];
}

interface IpRoute {
  dst?: string;
  gateway?: string;
  protocol?: string;
}

/**
 * Reads `ip -json address show dev eth0` and `ip -json route show dev eth0`.
 * @throws StartError when the interface has no IPv4 address
 */
export function readPodNetwork(device: string, addressJson: string, routeJson: string): PodNetwork {
  const [link] = JSON.parse(addressJson) as IpAddress[];
  const [ipv4, ipv6] = [globalOf(link, "inet"), globalOf(link, "inet6")];
  if (link?.address === undefined || ipv4?.local === undefined) {
    throw new StartError(
      `${device} has no IPv4 address to hand to the guest: the cluster's network plugin gave the pod none`,
    );
  }
  return {
    mac: link.address,
    mtu: link.mtu ?? 1500,
    address: ipv4.local,
    prefixLength: ipv4.prefixlen ?? 32,
    ...(ipv6?.local === undefined ? {} : { address6: ipv6.local }),
    routes: (JSON.parse(routeJson || "[]") as IpRoute[]).flatMap(readRoute),
  };
}

function globalOf(
  link: IpAddress | undefined,
  wanted: "inet" | "inet6",
): NonNullable<IpAddress["addr_info"]>[number] | undefined {
  return link?.addr_info?.find(({ family, scope }) => family === wanted && scope === "global");
}

/** The kernel's own route to the subnet follows from the address; the guest makes it itself. */
function readRoute({ dst, gateway, protocol }: IpRoute): PodRoute[] {
  if (dst === undefined || protocol === "kernel") return [];
  const destination = dst === "default" || dst.includes("/") ? dst : `${dst}/32`;
  return [{ destination, ...(gateway === undefined ? {} : { gateway }) }];
}
