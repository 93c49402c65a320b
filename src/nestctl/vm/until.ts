import { setTimeout as sleep } from "node:timers/promises";
import { usageError } from "../frame/cli-error.ts";

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;

/** What the function gives once it gives something; undefined when the time is over. */
export async function until<T>(limitMs: number, look: () => Promise<T | undefined>): Promise<T | undefined> {
  const deadline = performance.now() + limitMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() + pauseMs > deadline) return undefined;
    await sleep(pauseMs);
  }
}

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * `90s`, `5m`, `1h30m`, or seconds without a unit.
 * @param flag that it was given by, for the message
 */
export function durationMs(text: string, flag: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const parts = [...text.matchAll(/(\d{1,9}(?:\.\d+)?)(ms|s|m|h)/g)];
  const whole = parts.map(([part]) => part).join("");
  if (parts.length === 0 || whole !== text) {
    throw usageError(`${flag}: "${text}" is no duration`, "write for example 90s, 5m or 1h30m");
  }
  return parts.reduce((sum, [, count, unit = ""]) => sum + Number(count) * (UNITS[unit] ?? 0), 0);
}
