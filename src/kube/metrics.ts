import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";
import type { Observer } from "./client.ts";
import type { Result } from "./controller.ts";
import type { QueueObserver } from "./work-queue.ts";

const timeBuckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** What is asked of a queue at each scrape. */
export interface ObservedQueue {
  /** Keys that wait. */
  readonly length: number;
  /** For how long each key under way has been worked on. */
  processingSeconds(): number[];
}

const queueGauges = {
  length: (queue: ObservedQueue) => queue.length,
  active: (queue: ObservedQueue) => queue.processingSeconds().length,
  sum: (queue: ObservedQueue) => queue.processingSeconds().reduce((total, seconds) => total + seconds, 0),
  longest: (queue: ObservedQueue) => Math.max(0, ...queue.processingSeconds()),
};

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

  readonly #workers = new Gauge({
    name: "controller_runtime_max_concurrent_reconciles",
    help: "Reconciliations that may be under way at the same time",
    labelNames: ["controller"],
    registers: [this.registry],
  });
  readonly #queues = new Map<string, ObservedQueue>();

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    const { length, active, sum, longest } = queueGauges;
    this.#queueGauge("workqueue_depth", "Keys that wait in the queue", "name", length);
    this.#queueGauge("controller_runtime_active_workers", "Reconciliations under way", "controller", active);
    this.#queueGauge("workqueue_unfinished_work_seconds", "Seconds of work under way, added up", "name", sum);
    this.#queueGauge(
      "workqueue_longest_running_processor_seconds",
      "Seconds that the longest work under way has taken",
      "name",
      longest,
    );
  }

  /** Keeps the gauges of a controller and its queue. */
  watchQueue(name: string, queue: ObservedQueue, concurrency: number): void {
    this.#queues.set(name, queue);
    this.#workers.set({ controller: name }, concurrency);
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

  /** A gauge that asks each queue when it is scraped. */
  #queueGauge(name: string, help: string, label: string, value: (queue: ObservedQueue) => number): void {
    const gauge: Gauge = new Gauge({
      name,
      help,
      labelNames: [label],
      registers: [this.registry],
      collect: () => {
        for (const [queue, observed] of this.#queues) gauge.set({ [label]: queue }, value(observed));
      },
    });
  }

  #counter(name: string, help: string, labelNames: string[]): Counter {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #histogram(name: string, help: string, labelNames: string[]): Histogram {
    return new Histogram({ name, help, labelNames, buckets: timeBuckets, registers: [this.registry] });
  }
}
