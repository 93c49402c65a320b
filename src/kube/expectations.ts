import type { Clock } from "./clock.ts";

/**
 * Objects that were created but that the watch has not told of yet, by owner. While one is expected, its absence from
 * the store says nothing. An expectation is dropped after a while, so that a lost event cannot hold up anything for
 * good.
 */
export class Expectations {
  readonly #clock: Clock;
  readonly #lifeMs: number;
  /** Until when, the earliest first. */
  readonly #expected = new Map<string, number>();

  constructor(clock: Clock, lifeMs: number) {
    this.#clock = clock;
    this.#lifeMs = lifeMs;
  }

  expect(owner: string): void {
    const now = this.#clock.now();
    this.#dropOverdue(now);
    this.#expected.delete(owner);
    this.#expected.set(owner, now + this.#lifeMs);
  }

  fulfil(owner: string): void {
    this.#expected.delete(owner);
  }

  get size(): number {
    return this.#expected.size;
  }

  /** Milliseconds for which the object is still expected; 0 when it is not. */
  pendingMs(owner: string): number {
    const remaining = (this.#expected.get(owner) ?? 0) - this.#clock.now();
    if (remaining <= 0) this.#expected.delete(owner);
    return Math.max(0, remaining);
  }

  /** Of owners that have gone, nobody asks again. */
  #dropOverdue(now: number): void {
    for (const [owner, until] of this.#expected) {
      if (until > now) return;
      this.#expected.delete(owner);
    }
  }
}
