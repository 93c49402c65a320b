import { COMPUTE_CONTAINER, EXIT_CODES, type Ending } from "../../../src/launch-plan/pod-contract.ts";
import { isNotFound } from "../../../src/kube/api-error.ts";
import type { Client } from "../../../src/kube/client.ts";
import { pods, type ContainerStatus, type Pod, type PodStatus } from "../../../src/kube/object.ts";

type Conditions = NonNullable<PodStatus["conditions"]>;

/**
 * Tells the API server of pods what a scheduler and a kubelet would. There are neither here: what they say is the
 * contract that the controller relies on.
 */
export class Kubelet {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** The pod is bound to a node. */
  async bind(pod: Pod, node = "node-1"): Promise<void> {
    const { namespace, name } = pod.metadata;
    await this.#client.call("POST", `/api/v1/namespaces/${namespace}/pods/${name}/binding`, {
      apiVersion: "v1",
      kind: "Binding",
      metadata: { name, namespace },
      target: { apiVersion: "v1", kind: "Node", name: node },
    });
  }

  async unschedulable(pod: Pod, message: string): Promise<void> {
    await this.status(pod, {
      phase: "Pending",
      conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }],
    });
  }

  /** The container cannot be started yet, for a reason in the kubelet's words. */
  async waiting(pod: Pod, reason: string, message: string): Promise<void> {
    await this.status(pod, {
      phase: "Pending",
      containerStatuses: [compute({ state: { waiting: { reason, message } }, started: false })],
    });
  }

  /** The container runs; its postStart hook is still under way. */
  async scheduled(pod: Pod): Promise<void> {
    await this.status(pod, {
      phase: "Running",
      containerStatuses: [compute({ state: { running: { startedAt: now() } }, started: false })],
    });
  }

  /** The domain runs, and the guest has the pod's address. */
  async running(pod: Pod, podIP = "10.244.0.7"): Promise<void> {
    await this.status(pod, {
      phase: "Running",
      podIP,
      podIPs: [{ ip: podIP }],
      conditions: ready("True", "True"),
      containerStatuses: [compute({ state: { running: { startedAt: now() } }, started: true, ready: true })],
    });
  }

  /** The domain runs, as the startup probe tells, and the guest does not answer its readiness probe. */
  async unready(pod: Pod, podIP = "10.244.0.7"): Promise<void> {
    await this.status(pod, {
      phase: "Running",
      podIP,
      podIPs: [{ ip: podIP }],
      conditions: ready("False", "False"),
      containerStatuses: [compute({ state: { running: { startedAt: now() } }, started: true, ready: false })],
    });
  }

  /** What the node controller makes of a pod whose kubelet is silent. */
  async nodeLost(pod: Pod): Promise<void> {
    await this.status(pod, { conditions: ready("False", "True") });
  }

  /** The launcher has ended and left its account. */
  async ended(pod: Pod, ending: Ending): Promise<void> {
    await this.terminated(pod, { exitCode: EXIT_CODES[ending.reason], message: JSON.stringify(ending) });
  }

  async terminated(pod: Pod, end: { exitCode: number; reason?: string; message?: string }): Promise<void> {
    await this.status(pod, {
      phase: end.exitCode === 0 ? "Succeeded" : "Failed",
      conditions: ready("False", "False"),
      containerStatuses: [
        compute({ state: { terminated: { startedAt: now(), finishedAt: now(), ...end } }, started: false }),
      ],
    });
  }

  /** The pod's containers are gone: so is the pod, if the API server has not removed it by itself. */
  async remove(pod: Pod): Promise<void> {
    try {
      await this.#client.delete(pods, pod.metadata, { gracePeriodSeconds: 0, uid: pod.metadata.uid });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  async status(pod: Pod, status: PodStatus): Promise<void> {
    await this.#client.mergePatch(pods, pod.metadata, { status }, "status");
  }
}

function compute(status: Partial<ContainerStatus>): ContainerStatus {
  return {
    name: COMPUTE_CONTAINER,
    image: "nestlet.dev/launcher:test",
    imageID: "",
    ready: false,
    restartCount: 0,
    ...status,
  };
}

function ready(pod: "True" | "False", containers: "True" | "False"): Conditions {
  return [
    { type: "PodScheduled", status: "True" },
    { type: "Ready", status: pod },
    { type: "ContainersReady", status: containers },
  ];
}

function now(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, "Z");
}
