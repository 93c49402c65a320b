import { usageError } from "./cli-error.ts";

/** @throws CliError naming the flag */
export function countOf(text: string, flag: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw usageError(`${flag}: "${text}" is no number`, "give for example 20");
}

/** @throws CliError naming the flag */
export function portOf(text: string, flag: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw usageError(`${flag}: "${text}" is no port`, "give a number from 1 to 65535");
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
