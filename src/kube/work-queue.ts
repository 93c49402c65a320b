import { type Clock, systemClock } from "./clock.ts";

/**
 * A change comes before a routine look, such as that at each object when the controller starts: somebody waits for it.
 * As the priority queue of controller-runtime has it.
 */
export type Priority = "change" | "routine";

/** What the queue tells of itself, for metrics. */
export interface QueueObserver {
  added(): void;
  /** Seconds that the key waited. */
  started(waited: number): void;
  /** Seconds that the work took. */
  finished(took: number): void;
  retried(): void;
}

export interface WorkQueueOptions {
  clock?: Clock;
  observer?: QueueObserver;
  /** First pause after a failure, doubled by each further one up to maxMs. */
  baseMs?: number;
  maxMs?: number;
}

/**
 * A queue of keys with client-go's semantics: a key waits in it once however often it is added; one that is added
 * while it is worked on comes back after that; no key is worked on twice at the same time. Keys that changed go first;
 * one that waits for a routine look and changes meanwhile is one of them.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #observer: QueueObserver | undefined;
  readonly #baseMs: number;
  readonly #maxMs: number;
  /** Keys in the order of their coming, which a Set keeps. */
  readonly #order: Record<Priority, Set<string>> = { change: new Set(), routine: new Set() };
  readonly #dirty = new Map<string, { since: number; priority: Priority }>();
  readonly #processing = new Map<string, number>();
  readonly #delayed = new Map<string, { at: number; cancel: () => void }>();
  readonly #failures = new Map<string, number>();
  #waiter: (() => void) | undefined;
  #closed = false;

  constructor(options: WorkQueueOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#observer = options.observer;
    this.#baseMs = options.baseMs ?? 20;
    this.#maxMs = options.maxMs ?? 300_000;
  }

  /** Keys that wait to be worked on. */
  get length(): number {
    return this.#order.change.size + this.#order.routine.size;
  }

  /** For how many seconds each of the keys under way has been worked on. */
  processingSeconds(): number[] {
    const now = this.#clock.now();
    return [...this.#processing.values()].map((since) => (now - since) / 1000);
  }

  add(key: string, priority: Priority = "change"): void {
    if (this.#closed) return;
    const waiting = this.#dirty.get(key);
    if (waiting !== undefined) {
      if (priority === "change") this.#hasten(key, waiting);
      return;
    }
    this.#dirty.set(key, { since: this.#clock.now(), priority });
    this.#observer?.added();
    if (!this.#processing.has(key)) this.#line(key, priority);
  }

  /** Adds the key later; of several such calls the earliest counts. */
  addAfter(key: string, ms: number): void {
    if (this.#closed) return;
    if (ms <= 0) {
      this.add(key);
      return;
    }
    const at = this.#clock.now() + ms;
    const waiting = this.#delayed.get(key);
    if (waiting !== undefined && waiting.at <= at) return;
    waiting?.cancel();
    const cancel = this.#clock.after(ms, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { at, cancel });
  }

  /** Adds the key after a pause that doubles with each failure since `forget`; returns the pause in ms. */
  addRateLimited(key: string): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    const pause = Math.min(this.#maxMs, this.#baseMs * 2 ** Math.min(failures, 30));
    this.#observer?.retried();
    this.addAfter(key, pause);
    return pause;
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** The next key, which the caller must hand to `done`; undefined when none waits. */
  take(): string | undefined {
    const { change, routine } = this.#order;
    const from = change.size > 0 ? change : routine;
    const [key] = from;
    if (key === undefined) return undefined;
    from.delete(key);
    const now = this.#clock.now();
    this.#observer?.started((now - (this.#dirty.get(key)?.since ?? now)) / 1000);
    this.#dirty.delete(key);
    this.#processing.set(key, now);
    return key;
  }

  done(key: string): void {
    const started = this.#processing.get(key);
    if (started === undefined) return;
    this.#processing.delete(key);
    this.#observer?.finished((this.#clock.now() - started) / 1000);
    const again = this.#dirty.get(key);
    if (again !== undefined) this.#line(key, again.priority);
  }

  /** Called whenever a key becomes ready to be taken. */
  onReady(callback: () => void): void {
    this.#waiter = callback;
  }

  /** Takes no more keys and drops those that wait. */
  close(): void {
    this.#closed = true;
    for (const { cancel } of this.#delayed.values()) cancel();
    this.#delayed.clear();
    this.#order.change.clear();
    this.#order.routine.clear();
    this.#dirty.clear();
  }

  #line(key: string, priority: Priority): void {
    this.#order[priority].add(key);
    this.#waiter?.();
  }

  #hasten(key: string, waiting: { priority: Priority }): void {
    waiting.priority = "change";
    if (this.#order.routine.delete(key)) this.#order.change.add(key);
  }
}
