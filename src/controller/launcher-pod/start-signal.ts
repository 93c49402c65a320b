import type { Container } from "../../kube/object.ts";
import { STARTED_COMMAND } from "../../launch-plan/pod-contract.ts";

/** The launcher gives up by itself first, and says why. */
const patienceSeconds = 10;

/** Longer than the command keeps a known answer to itself. */
const leastTimeoutSeconds = 120;

/**
 * How the kubelet learns that the domain runs: a readiness probe whose command blocks until it does. The kubelet runs
 * a readiness probe at once when it sees the container start; a startup probe only at its next tick, up to a second
 * later. A postStart hook is as fast, but the kubelet does not act on a deletion before the hook has ended. See
 * docs/decisions/0004-readiness-probe-that-blocks.md for the figures.
 * @param startSeconds how long the launcher may take
 */
export function startSignal(startSeconds: number): Pick<Container, "readinessProbe"> {
  return {
    readinessProbe: {
      exec: { command: [...STARTED_COMMAND] },
      periodSeconds: 1,
      timeoutSeconds: Math.max(startSeconds + patienceSeconds, leastTimeoutSeconds),
      failureThreshold: 1,
    },
  };
}
