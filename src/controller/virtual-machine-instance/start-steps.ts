import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { Pod } from "../../kube/object.ts";
import { conditionOf, runningSince } from "./pod-state.ts";

/** Seconds that each step of a start took, one after the other, and the whole. */
export interface StartSteps {
  /** From the instance to its pod. */
  pod?: number;
  /** Until the pod has a node. */
  schedule?: number;
  /** Until the launcher's container runs: sandbox, volumes, images. */
  container?: number;
  /** Until the guest runs. */
  guest?: number;
  total?: number;
}

/**
 * How long an instance that has just been seen running took to start. Kubernetes tells times in whole seconds, so a
 * step is right to a second, and only many starts together tell more; a step whose times are not told is left out.
 */
export function startStepsOf(instance: VirtualMachineInstance, pod: Pod, nowMs: number): StartSteps {
  const asked = instance.metadata.creationTimestamp;
  const made = pod.metadata.creationTimestamp;
  const scheduled = conditionOf(pod, "PodScheduled")?.lastTransitionTime;
  const begun = runningSince(pod);
  const now = new Date(nowMs).toISOString();
  return {
    ...step("pod", asked, made),
    ...step("schedule", made, scheduled),
    ...step("container", scheduled, begun),
    ...step("guest", begun, now),
    ...step("total", asked, now),
  };
}

function step(name: keyof StartSteps, from: string | undefined, to: string | undefined): StartSteps {
  // A time that is not told may be null in an answer of the API server.
  const seconds = (Date.parse(to ?? "") - Date.parse(from ?? "")) / 1000;
  return Number.isNaN(seconds) ? {} : { [name]: Math.max(0, seconds) };
}
