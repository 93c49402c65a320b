import type { ClusterSpec } from "../../api/resources.ts";

/** How long the steps of a cluster's life may take, in seconds. */
export type Timeouts = Required<NonNullable<ClusterSpec["timeouts"]>>;

/** As the CRD has them, for clusters that are not from the API server. */
export const DEFAULT_TIMEOUTS: Timeouts = {
  controlPlaneSeconds: 1800,
  nodeStartupSeconds: 1200,
  nodeUnhealthySeconds: 300,
  drainSeconds: 300,
};

export function timeoutsOf({ timeouts }: Pick<ClusterSpec, "timeouts">): Timeouts {
  return { ...DEFAULT_TIMEOUTS, ...timeouts };
}
