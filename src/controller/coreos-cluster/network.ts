import { BlockList, isIPv4 } from "node:net";
import { ClusterObstacle } from "../../api/conditions.ts";
import type { ClusterSpec } from "../../api/resources.ts";
import type { Obstacle } from "./obstacle.ts";

/** An address that the host cluster uses. */
export interface HostAddress {
  address: string;
  /** What it is: `the Service default/kubernetes`. */
  of: string;
}

/**
 * Whether the guests could still reach the host cluster: an address of it inside one of the cluster's ranges would be
 * looked for among the guests. One address stands for its range, which no API tells.
 */
export function networkObstacle(
  network: NonNullable<ClusterSpec["network"]>,
  host: readonly HostAddress[],
): Obstacle | undefined {
  for (const field of ["podCIDR", "serviceCIDR", "lanCIDR"] as const) {
    const range = network[field];
    const inside = range === undefined ? undefined : host.find(({ address }) => contains(range, address));
    if (inside !== undefined) {
      return {
        reason: ClusterObstacle.NetworkOverlap,
        message:
          `spec.network.${field} ${String(range)} holds ${inside.address}, the address of ${inside.of} in the host ` +
          "cluster; make a new cluster with a range that the host does not use",
      };
    }
  }
  return undefined;
}

function contains(range: string, address: string): boolean {
  const [first = "", length = ""] = range.split("/");
  const list = new BlockList();
  list.addSubnet(first, Number(length), "ipv4");
  return isIPv4(address) && list.check(address, "ipv4");
}
