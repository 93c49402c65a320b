/** As client-go: equal Events closer together than this make a series. */
const GAP_MS = 360_000;
/** As client-go: of more series the one that has been quiet for longest is forgotten, and begins anew. */
const LIMIT = 4096;

/** An Event that is there, and how often it has been recorded. */
export interface Series {
  namespace: string;
  name: string;
  count: number;
}

/** Which of the Events written lately repeat. Times are milliseconds of one clock, never going back. */
export class EventSeries {
  readonly #limit: number;
  /** The one that has been quiet for longest comes first. */
  readonly #series = new Map<string, Series & { last: number }>();

  constructor(limit: number = LIMIT) {
    this.#limit = limit;
  }

  /** Counts one more of a kind; undefined when it is the first, or comes too late after the last. */
  again(key: string, now: number): Series | undefined {
    this.#forget(now);
    const series = this.#series.get(key);
    if (series === undefined) return undefined;
    this.#series.delete(key);
    const next = { ...series, count: series.count + 1, last: now };
    this.#series.set(key, next);
    return next;
  }

  /** The first of a kind was written, as this object. */
  begin(key: string, { namespace, name }: { namespace: string; name: string }, now: number): void {
    this.#series.set(key, { namespace, name, count: 1, last: now });
    this.#forget(now);
  }

  #forget(now: number): void {
    for (const [key, { last }] of this.#series) {
      if (now - last <= GAP_MS && this.#series.size <= this.#limit) return;
      this.#series.delete(key);
    }
  }
}
