import { randomUUID } from "node:crypto";
import { isConflict } from "./api-error.ts";
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
}

/** Works off a queue of keys: an error comes back with growing pauses, a wait when its time has come. */
export class Controller {
  readonly #options: ControllerOptions;
  readonly #running = new Set<Promise<void>>();
  #started = false;

  constructor(options: ControllerOptions) {
    this.#options = options;
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
    let result: Result;
    try {
      const outcome = await reconciler.reconcile(key, log);
      queue.forget(key);
      if (outcome !== undefined) queue.addAfter(key, outcome.requeueAfterMs);
      result = outcome === undefined ? "success" : "requeue_after";
    } catch (error) {
      result = this.#failed(key, error, log);
    }
    observe?.(result, (performance.now() - started) / 1000);
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
