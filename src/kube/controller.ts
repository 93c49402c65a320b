import { randomUUID } from "node:crypto";
import { isConflict } from "./api-error.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { Logger } from "./log.ts";
import { splitKey } from "./object.ts";
import type { WorkQueue } from "./work-queue.ts";

/** What a reconciler leaves to do: nothing, or to look again after some time. */
export type Outcome = { requeueAfterMs: number } | undefined;

/** An error that trying again cannot mend; it is counted and logged, and the key waits for the next change. */
export class TerminalError extends Error {
  override readonly name = "TerminalError";
}

export interface Reconciler {
  reconcile(key: string, log: Logger): Promise<Outcome>;
}

/** Between a look and the next one that it asks for itself. */
const shortestPauseMs = 1;

export type Result = "success" | "requeue_after" | "error" | "terminal_error" | "conflict";

export interface ControllerOptions {
  name: string;
  queue: WorkQueue;
  reconciler: Reconciler;
  log: Logger;
  /** Keys worked on at the same time. */
  concurrency: number;
  /** Told of each reconciliation: its result and how many seconds it took. */
  observe?: (result: Result, seconds: number) => void;
  clock?: Clock;
}

/** Longer than any request may take with all its retries: work on a key that takes longer will not end. */
const stuckMs = 600_000;

/** Works off a queue of keys: an error comes back with growing pauses, a wait when its time has come. */
export class Controller {
  readonly #options: ControllerOptions;
  readonly #running = new Set<Promise<void>>();
  readonly #clock: Clock;
  readonly #since = new Map<string, number>();
  #started = false;

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Which key has been worked on for so long that it will not end, if one has. */
  stuck(): string | undefined {
    const now = this.#clock.now();
    const found = [...this.#since].find(([, since]) => now - since > stuckMs);
    if (found === undefined) return undefined;
    const [key, since] = found;
    return `${this.#options.name} ${key} has been reconciled for ${Math.round((now - since) / 1000)} s`;
  }

  start(): void {
    this.#started = true;
    this.#options.queue.onReady(() => {
      this.#pump();
    });
    this.#pump();
  }

  /** Begins nothing more, and resolves when what is under way has ended. */
  async stop(): Promise<void> {
    this.#started = false;
    this.#options.queue.close();
    await Promise.all(this.#running);
  }

  #pump(): void {
    const { queue, concurrency } = this.#options;
    while (this.#started && this.#running.size < concurrency) {
      const key = queue.take();
      if (key === undefined) return;
      const work = this.#work(key);
      this.#running.add(work);
      void work.then(() => {
        this.#running.delete(work);
        this.#pump();
      });
    }
  }

  async #work(key: string): Promise<void> {
    const { name, queue, reconciler, observe } = this.#options;
    const log = this.#options.log.child({ controller: name, ...splitKey(key), reconcileID: randomUUID() });
    const started = performance.now();
    this.#since.set(key, this.#clock.now());
    let result: Result;
    try {
      const outcome = await reconciler.reconcile(key, log);
      queue.forget(key);
      // Never at once: a decision that asks for that each time would leave no turn for probes, watches and signals.
      if (outcome !== undefined) queue.addAfter(key, Math.max(outcome.requeueAfterMs, shortestPauseMs));
      result = outcome === undefined ? "success" : "requeue_after";
    } catch (error) {
      result = this.#failed(key, error, log);
    }
    observe?.(result, (performance.now() - started) / 1000);
    this.#since.delete(key);
    queue.done(key);
  }

  #failed(key: string, error: unknown, log: Logger): Result {
    const { queue } = this.#options;
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof TerminalError) {
      queue.forget(key);
      log.error("reconciliation failed for good", { error: message });
      return "terminal_error";
    }
    const pauseMs = queue.addRateLimited(key);
    // Somebody else wrote first: the next look, at what they wrote, decides.
    if (isConflict(error)) {
      log.info("the object was changed meanwhile", { error: message, retryInMs: pauseMs });
      return "conflict";
    }
    const stack = error instanceof Error ? error.stack : undefined;
    log.error("reconciliation failed", { error: message, retryInMs: pauseMs, stack });
    return "error";
  }
}
