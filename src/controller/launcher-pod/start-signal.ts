import type { Container } from "../../kube/object.ts";
import { STARTUP_PROBE_COMMAND } from "../../launch-plan/pod-contract.ts";

/**
 * How the kubelet learns that the domain runs: a command that ends at that moment, run as the container's postStart
 * hook. The kubelet starts it with the container, and tells of the container as running and started when it ends. As a
 * startup probe the same command had to wait for the probe's first tick, up to a second later: 1.7 s against 1.0 s from
 * apply to Running. The launcher itself limits how long a start may take.
 */
export function startSignal(): Pick<Container, "lifecycle"> {
  return { lifecycle: { postStart: { exec: { command: [...STARTUP_PROBE_COMMAND] } } } };
}
