import { PhaseReason } from "../../api/conditions.ts";
import type { InstancePhase } from "../../api/resources.ts";
import type { ContainerStatus, Pod } from "../../kube/object.ts";
import { COMPUTE_CONTAINER, EXIT_CODES, type Ending } from "../../launch-plan/pod-contract.ts";

/** What a launcher pod says of its instance. */
export interface PodState {
  phase: InstancePhase;
  /** Why, in one word; empty where the phase says all. */
  reason: string;
  message: string;
}

/** Words of the kubelet for a container that waits and will not start by itself soon. */
const waitingTroubles = new Set([
  PhaseReason.ErrImagePull,
  PhaseReason.ImagePullBackOff,
  "ErrImageNeverPull",
  "ErrImageVolumePull",
  "InvalidImageName",
  "ImageInspectError",
  "RegistryUnavailable",
  "CreateContainerConfigError",
  "CreateContainerError",
  "RunContainerError",
]);

/** Reads the phase out of the pod alone. The compute container decides; other containers never do. */
export function podStateOf(pod: Pod): PodState {
  const compute = computeOf(pod);
  const { running, terminated } = compute?.state ?? {};
  if (terminated !== undefined) return endedState(terminated, pod);
  if (["Failed", "Succeeded"].includes(pod.status?.phase ?? "")) return podEndedState(pod);
  if (isNodeLost(pod)) return nodeLostState(pod);
  if (running !== undefined) {
    return { phase: domainRuns(pod, compute) ? "Running" : "Scheduled", reason: "", message: "" };
  }
  return { phase: "Scheduling", ...troubleOf(pod, compute) };
}

/**
 * Whether the kubelet has said of each of a pod's containers that it has ended. What is left to it then, unmounting
 * volumes and removing cgroups, needs nothing of the pod object any more.
 */
export function hasStopped({ spec, status = {} }: Pod): boolean {
  const { containerStatuses = [], initContainerStatuses = [] } = status;
  return (
    containerStatuses.length === spec.containers.length &&
    [...containerStatuses, ...initContainerStatuses].every(({ state }) => state?.terminated !== undefined)
  );
}

function computeOf(pod: Pod): ContainerStatus | undefined {
  return pod.status?.containerStatuses?.find(({ name }) => name === COMPUTE_CONTAINER);
}

/** Told by the startup probe where the readiness probe is the user's. */
function domainRuns(pod: Pod, compute: ContainerStatus | undefined): boolean {
  if (compute?.ready === true) return true;
  return hasProbe(pod, "startupProbe") && compute?.started === true;
}

function hasProbe(pod: Pod, probe: "startupProbe" | "livenessProbe"): boolean {
  return pod.spec.containers.some((container) => container.name === COMPUTE_CONTAINER && probe in container);
}

/** Whether the compute container passes its readiness probe. */
export function isReady(pod: Pod): boolean {
  return computeOf(pod)?.ready === true;
}

/** When the launcher's container began to run (RFC 3339), while it does. */
export function runningSince(pod: Pod): string | undefined {
  return computeOf(pod)?.state?.running?.startedAt;
}

/** What an ended launcher says that its domain ran on, if it came that far. */
export function acceleratorOfEnding(pod: Pod): Ending["acceleration"] {
  const acceleration = endingOf(computeOf(pod)?.state?.terminated?.message)?.acceleration;
  return acceleration === "kvm" || acceleration === "tcg" ? acceleration : undefined;
}

/** The launcher's own account of its end, if it left one. */
export function endingOf(message: string | undefined): Ending | undefined {
  if (message === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(message);
    return isEnding(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isEnding(value: unknown): value is Ending {
  if (typeof value !== "object" || value === null) return false;
  const { reason, message } = value as Record<string, unknown>;
  return typeof reason === "string" && Object.hasOwn(EXIT_CODES, reason) && typeof message === "string";
}

type Terminated = NonNullable<NonNullable<ContainerStatus["state"]>["terminated"]>;

function endedState(terminated: Terminated, pod: Pod): PodState {
  const ending = endingOf(terminated.message);
  const phase = terminated.exitCode === 0 ? "Succeeded" : "Failed";
  if (ending !== undefined && isEndOfLiveness(ending, pod)) return livenessState(ending);
  if (ending !== undefined) return { phase, reason: ending.reason, message: ending.message };
  if (terminated.reason === "OOMKilled") {
    return {
      phase,
      reason: PhaseReason.OOMKilled,
      message:
        "the launcher was killed because it used more memory than its limit; raise spec.domain.resources.limits.memory",
    };
  }
  const signal = terminated.signal === undefined ? "" : `, signal ${terminated.signal}`;
  return {
    phase,
    reason: pod.status?.reason ?? PhaseReason.LauncherDied,
    message:
      pod.status?.message ??
      `the launcher ended with code ${terminated.exitCode}${signal} without an account; see the log of its pod`,
  };
}

/**
 * The kubelet tells nobody but in an Event why it ended a container. One that was asked to end though its pod is neither
 * deleted nor evicted, nor is its node shutting down, was so because of its liveness probe.
 */
function isEndOfLiveness({ reason }: Ending, pod: Pod): boolean {
  if (reason !== "Stopped" && reason !== "Killed") return false;
  const asked =
    pod.metadata.deletionTimestamp !== undefined ||
    pod.status?.reason !== undefined ||
    conditionOf(pod, "DisruptionTarget")?.status === "True";
  return !asked && hasProbe(pod, "livenessProbe");
}

function livenessState(ending: Ending): PodState {
  return {
    phase: "Failed",
    reason: PhaseReason.LivenessProbeFailed,
    message: `the guest did not answer its livenessProbe, so it was ended: ${ending.message}`,
  };
}

/** A pod that the kubelet ended without its containers: evicted, refused by the node, or an image could not be copied. */
function podEndedState(pod: Pod): PodState {
  const copy = pod.status?.initContainerStatuses?.find(
    ({ state }) => (state?.terminated?.exitCode ?? 0) !== 0,
  );
  if (copy !== undefined && pod.status?.reason === undefined) return copyFailedState(copy);
  return {
    phase: pod.status?.phase === "Succeeded" ? "Succeeded" : "Failed",
    reason: pod.status?.reason ?? PhaseReason.LauncherDied,
    message: pod.status?.message ?? "the pod ended without the launcher; see its Events",
  };
}

function copyFailedState({ image, state }: ContainerStatus): PodState {
  const { exitCode, message = "" } = state?.terminated ?? {};
  const words = message.trim() === "" ? `exit code ${exitCode}` : message.trim();
  return {
    phase: "Failed",
    reason: "StartFailed",
    message: `image ${image} cannot be copied: ${words}; does it have the files that the spec names, and the node room?`,
  };
}

/**
 * A node that stops answering has its pods marked as not ready by the node controller, which leaves the containers'
 * own readiness as the kubelet last told it: a kubelet never says one without the other.
 */
function isNodeLost(pod: Pod): boolean {
  if (pod.status?.phase === "Unknown" || pod.status?.reason === "NodeLost") return true;
  return (
    conditionOf(pod, "Ready")?.status === "False" && conditionOf(pod, "ContainersReady")?.status === "True"
  );
}

function nodeLostState(pod: Pod): PodState {
  const node = pod.spec.nodeName ?? "";
  return {
    phase: "Unknown",
    reason: PhaseReason.NodeLost,
    message:
      `node ${node} does not answer, so nothing is known of the guest; bring the node back, or, if it is certain that ` +
      `it is down, give the instance up: kubectl delete pod ${pod.metadata.name} --force --grace-period=0`,
  };
}

function troubleOf(pod: Pod, compute: ContainerStatus | undefined): Pick<PodState, "reason" | "message"> {
  const scheduled = conditionOf(pod, "PodScheduled");
  if (scheduled?.status === "False") {
    return { reason: scheduled.reason ?? PhaseReason.Unschedulable, message: scheduled.message ?? "" };
  }
  const { initContainerStatuses = [] } = pod.status ?? {};
  const waits = [...initContainerStatuses, ...(compute === undefined ? [] : [compute])].map(
    ({ state }) => state?.waiting,
  );
  const { reason = "", message = "" } = waits.find((each) => waitingTroubles.has(each?.reason ?? "")) ?? {};
  return waitingTroubles.has(reason) ? { reason, message } : { reason: "", message: "" };
}

export function conditionOf(
  pod: Pod,
  type: string,
): NonNullable<NonNullable<Pod["status"]>["conditions"]>[number] | undefined {
  return pod.status?.conditions?.find((condition) => condition.type === type);
}
