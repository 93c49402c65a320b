import type { Container } from "../../kube/object.ts";
import { STARTUP_PROBE_COMMAND } from "../../launch-plan/pod-contract.ts";

/** The launcher gives up by itself first, and says why. */
const patienceSeconds = 10;

/**
 * How the kubelet learns that the domain runs: a command that ends at that moment.
 * @param startSeconds how long the launcher may take
 */
export function startSignal(startSeconds: number): Pick<Container, "startupProbe" | "lifecycle"> {
  return {
    startupProbe: {
      exec: { command: [...STARTUP_PROBE_COMMAND] },
      timeoutSeconds: startSeconds + patienceSeconds,
      periodSeconds: 1,
      failureThreshold: 1,
    },
  };
}
