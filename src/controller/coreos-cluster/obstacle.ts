import { ClusterObstacle } from "../../api/conditions.ts";
import { ApiError } from "../../kube/api-error.ts";

/** What stands in the way of a cluster; it is looked at again by itself. */
export interface Obstacle {
  reason: ClusterObstacle;
  message: string;
}

/** Ends a reconciliation with an obstacle as its result: what was done so far stays done. */
export class ObstacleError extends Error {
  override readonly name = "ObstacleError";
  readonly obstacle: Obstacle;

  constructor(reason: ClusterObstacle, message: string) {
    super(message);
    this.obstacle = { reason, message };
  }
}

/** The obstacle that an error tells of; undefined for errors that are about the moment. */
export function obstacleOf(error: unknown): Obstacle | undefined {
  if (error instanceof ObstacleError) return error.obstacle;
  if (error instanceof ApiError && (error.code === 403 || error.code === 422)) {
    return { reason: ClusterObstacle.Refused, message: error.message };
  }
  return undefined;
}
