import { writeSync } from "node:fs";

type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * One JSON object a line on standard error, as standard output is the guest's console; synchronous, so that the last
 * line before the end gets out.
 */
function write(level: "info" | "warn" | "error", msg: string, fields: Fields): void {
  const line = JSON.stringify({ time: new Date().toISOString(), level, msg, ...fields });
  writeSync(2, `${line}\n`);
}

export const log = {
  info: (msg: string, fields: Fields = {}): void => write("info", msg, fields),
  warn: (msg: string, fields: Fields = {}): void => write("warn", msg, fields),
  error: (msg: string, fields: Fields = {}): void => write("error", msg, fields),

  /** A step of the start is done: `ms` counts from the start of the process. */
  step: (step: string): void => write("info", "step done", { step, ms: Math.round(performance.now()) }),
};

/** Logs the step when it is done. */
export async function timed<T>(step: string, work: Promise<T>): Promise<T> {
  const result = await work;
  log.step(step);
  return result;
}
