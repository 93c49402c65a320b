import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";
import type { Observer } from "./client.ts";
import type { Result } from "./controller.ts";
import type { QueueObserver } from "./work-queue.ts";

const timeBuckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Metrics under the names that controller-runtime and client-go give them, so that its dashboards and alerts fit. */
export class KubeMetrics {
  readonly registry = new Registry();
  readonly #reconciliations = this.#counter("controller_runtime_reconcile_total", "Reconciliations", [
    "controller",
    "result",
  ]);
  readonly #errors = this.#counter("controller_runtime_reconcile_errors_total", "Failed reconciliations", [
    "controller",
  ]);
  readonly #terminal = this.#counter(
    "controller_runtime_terminal_reconcile_errors_total",
    "Reconciliations failed for good",
    ["controller"],
  );
  readonly #times = this.#histogram(
    "controller_runtime_reconcile_time_seconds",
    "Time a reconciliation takes",
    ["controller"],
  );
  readonly #adds = this.#counter("workqueue_adds_total", "Keys added to the queue", ["name"]);
  readonly #retries = this.#counter("workqueue_retries_total", "Keys added again after a failure", ["name"]);
  readonly #waits = this.#histogram("workqueue_queue_duration_seconds", "Time a key waits", ["name"]);
  readonly #works = this.#histogram("workqueue_work_duration_seconds", "Time the work on a key takes", [
    "name",
  ]);
  readonly #requests = this.#counter("rest_client_requests_total", "Requests to the API server", [
    "method",
    "code",
    "host",
  ]);
  readonly #leader = new Gauge({
    name: "leader_election_master_status",
    help: "Whether this process leads",
    labelNames: ["name"],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** Keeps `workqueue_depth` of a queue. */
  watchDepth(name: string, length: () => number): void {
    this.#depths.set(name, length);
  }

  queueObserver(name: string): QueueObserver {
    return {
      added: () => this.#adds.inc({ name }),
      retried: () => this.#retries.inc({ name }),
      started: (waited) => {
        this.#waits.observe({ name }, waited);
      },
      finished: (took) => {
        this.#works.observe({ name }, took);
      },
    };
  }

  reconciled(controller: string, result: Result, seconds: number): void {
    this.#reconciliations.inc({ controller, result });
    this.#times.observe({ controller }, seconds);
    if (result === "error" || result === "terminal_error") this.#errors.inc({ controller });
    if (result === "terminal_error") this.#terminal.inc({ controller });
  }

  readonly requestObserver: Observer = (method, code, host) => {
    this.#requests.inc({ method, code, host });
  };

  leading(name: string, leads: boolean): void {
    this.#leader.set({ name }, leads ? 1 : 0);
  }

  readonly #depths = new Map<string, () => number>();
  readonly #depth = new Gauge({
    name: "workqueue_depth",
    help: "Keys that wait in the queue",
    labelNames: ["name"],
    registers: [this.registry],
    collect: () => {
      for (const [name, length] of this.#depths) this.#depth.set({ name }, length());
    },
  });

  #counter(name: string, help: string, labelNames: string[]): Counter {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #histogram(name: string, help: string, labelNames: string[]): Histogram {
    return new Histogram({ name, help, labelNames, buckets: timeBuckets, registers: [this.registry] });
  }
}
