import { Gauge, Histogram, type Registry } from "prom-client";
import type { VirtualMachine, VirtualMachineInstance } from "../api/resources.ts";
import type { Pod } from "../kube/object.ts";
import { podStateOf } from "./virtual-machine-instance/pod-state.ts";
import type { StartSteps } from "./virtual-machine-instance/start-steps.ts";

/** What is counted at each scrape. */
export interface Guests {
  machines: readonly VirtualMachine[];
  instances: readonly VirtualMachineInstance[];
  pods: readonly Pod[];
}

/** From half a second up to the longest boots under emulation. */
const startBuckets = [0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600];

/** Metrics of machines and instances. Only the replica that acts tells them, so that sums over replicas are right. */
export class GuestMetrics {
  readonly #starts: Histogram;

  /** @param guests undefined while another replica acts */
  constructor(registry: Registry, guests: () => Guests | undefined) {
    const phases: Gauge = new Gauge({
      name: "nestlet_vmi_phase_count",
      help: "VirtualMachineInstances by phase and node",
      labelNames: ["phase", "node"],
      registers: [registry],
      collect: () => {
        phases.reset();
        for (const { status } of guests()?.instances ?? []) {
          phases.inc({ phase: status?.phase ?? "Pending", node: status?.nodeName ?? "" });
        }
      },
    });
    const statuses: Gauge = new Gauge({
      name: "nestlet_vm_status_count",
      help: "VirtualMachines by status, in the words of kubectl get vm",
      labelNames: ["status"],
      registers: [registry],
      collect: () => {
        statuses.reset();
        for (const { status } of guests()?.machines ?? []) {
          statuses.inc({ status: status?.printableStatus ?? "Unknown" });
        }
      },
    });
    const launchers: Gauge = new Gauge({
      name: "nestlet_launcher_count",
      help: "Launcher pods by state",
      labelNames: ["state"],
      registers: [registry],
      collect: () => {
        launchers.reset();
        for (const pod of guests()?.pods ?? []) launchers.inc({ state: launcherStateOf(pod) });
      },
    });
    this.#starts = new Histogram({
      name: "nestlet_vmi_start_seconds",
      help: "Time of each step of a start: pod, schedule, container, guest, and total. Single steps are right to a second",
      labelNames: ["step"],
      buckets: startBuckets,
      registers: [registry],
    });
  }

  /** An instance has been seen running for the first time. */
  started(steps: StartSteps): void {
    for (const [step, seconds] of Object.entries<number>({ ...steps }))
      this.#starts.observe({ step }, seconds);
  }
}

/** The phase that the pod gives its instance, or `Stopping` while the guest is being shut down. */
export function launcherStateOf(pod: Pod): string {
  const { phase } = podStateOf(pod);
  const ended = phase === "Succeeded" || phase === "Failed";
  return !ended && pod.metadata.deletionTimestamp !== undefined ? "Stopping" : phase;
}
