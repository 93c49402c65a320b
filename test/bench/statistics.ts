/** Median with the lowest and the highest value. */
export interface Spread {
  median: number;
  lowest: number;
  highest: number;
}

/** @throws RangeError when there is no value */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const [lowest, highest] = [sorted[0], sorted.at(-1)];
  if (lowest === undefined || highest === undefined) throw new RangeError("no values to take a median of");
  const upper = sorted[Math.floor(sorted.length / 2)] ?? highest;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? lowest;
  return { median: (lower + upper) / 2, lowest, highest };
}

/** `0.93 s (0.88–1.02)` from milliseconds. */
export function inSeconds({ median, lowest, highest }: Spread): string {
  const text = (ms: number): string => (ms / 1000).toFixed(2);
  return `${text(median)} s (${text(lowest)}–${text(highest)})`;
}
