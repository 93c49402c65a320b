/** The passing of time, so that tests can make it pass. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs the callback later; the result cancels it. */
  after(ms: number, callback: () => void): () => void;
}

/** Node runs a longer timer at once. */
const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, Math.min(Math.max(ms, 0), longestTimerMs));
    return () => {
      clearTimeout(timer);
    };
  },
};
