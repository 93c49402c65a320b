import type { Clock } from "./clock.ts";

/** Holds back changes that another one is likely to follow within a moment, so that both cost one write. */
export class Settling {
  readonly #clock: Clock;
  readonly #delayMs: number;
  readonly #since = new Map<string, number>();

  constructor(clock: Clock, delayMs: number) {
    this.#clock = clock;
    this.#delayMs = delayMs;
  }

  /** Milliseconds until the change that is first seen now, or was seen before, has settled; 0 when it has. */
  remainingMs(key: string): number {
    const now = this.#clock.now();
    const since = this.#since.get(key) ?? now;
    this.#since.set(key, since);
    return Math.max(0, since + this.#delayMs - now);
  }

  /** Nothing is held back any more: it was written, or has gone. */
  clear(key: string): void {
    this.#since.delete(key);
  }
}
