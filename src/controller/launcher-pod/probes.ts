import type { InstanceSpec } from "../../api/resources.ts";
import type { Container } from "../../kube/object.ts";
import { CONTROL_COMMAND, STARTED_COMMAND } from "../../launch-plan/pod-contract.ts";

type Probe = NonNullable<Container["readinessProbe"]>;
type UserProbe = NonNullable<InstanceSpec["readinessProbe"]>;

/** The launcher gives up by itself first, and says why. */
const patienceSeconds = 10;

/** Longer than the command keeps a known answer to itself. */
const leastTimeoutSeconds = 120;

/**
 * How the kubelet learns that the domain runs: a readiness probe whose command blocks until it does. The kubelet runs
 * a readiness probe at once when it sees the container start; a startup probe only at its next tick, up to a second
 * later. A postStart hook is as fast, but the kubelet does not act on a deletion before the hook has ended. See
 * docs/decisions/0004-readiness-probe-that-blocks.md for the figures.
 *
 * A readiness probe of the user's takes its place, and the command becomes the startup probe. The user's probes go to
 * the pod's address, which is the guest's, or to the guest's agent.
 * @param startSeconds how long the launcher may take
 */
export function probesOf(
  spec: InstanceSpec,
  startSeconds: number,
): Pick<Container, "readinessProbe" | "livenessProbe" | "startupProbe"> {
  const { readinessProbe, livenessProbe } = spec;
  const started = startedProbe(startSeconds);
  if (readinessProbe === undefined && livenessProbe === undefined) return { readinessProbe: started };
  return {
    // It also keeps the liveness probe from a guest that has not been started yet.
    startupProbe: started,
    ...(readinessProbe === undefined ? {} : { readinessProbe: probeOf(readinessProbe) }),
    ...(livenessProbe === undefined ? {} : { livenessProbe: probeOf(livenessProbe) }),
  };
}

function startedProbe(startSeconds: number): Probe {
  return {
    exec: { command: [...STARTED_COMMAND] },
    periodSeconds: 1,
    timeoutSeconds: Math.max(startSeconds + patienceSeconds, leastTimeoutSeconds),
    failureThreshold: 1,
  };
}

/** The kubelet's own default. */
const kubeletTimeoutSeconds = 1;

/** What goes to the guest's agent is asked by the launcher, through the program that does verbs in the pod. */
function probeOf({ exec, guestAgentPing, httpGet, tcpSocket, ...timing }: UserProbe): Probe {
  const timeout = ["--timeout", String(timing.timeoutSeconds ?? kubeletTimeoutSeconds)];
  const asked = [
    ...(exec === undefined ? [] : ["exec", ...timeout, "--", ...exec.command]),
    ...(guestAgentPing === undefined ? [] : ["ping"]),
  ];
  return {
    ...timing,
    ...(asked.length === 0 ? {} : { exec: { command: [CONTROL_COMMAND, ...asked] } }),
    ...(httpGet === undefined ? {} : { httpGet }),
    ...(tcpSocket === undefined ? {} : { tcpSocket }),
  };
}
