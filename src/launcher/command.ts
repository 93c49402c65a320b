import { execFile } from "node:child_process";

/** A command that failed; the message begins with its name. */
export class CommandError extends Error {
  /** What it wrote to standard error, or why it did not get that far. */
  readonly reason: string;

  constructor(file: string, reason: string) {
    super(`${file}: ${reason}`);
    this.reason = reason;
  }
}

export interface CommandOptions {
  /** Written to the command's standard input. */
  input?: string;
  /** Default 30 000 ms; then the command is killed. */
  timeoutMs?: number;
}

/**
 * Runs a command to its end and returns its standard output.
 * @throws CommandError when it cannot be started, fails or takes too long
 */
export function command(
  file: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { input, timeoutMs = 30_000 } = options;
  return new Promise((resolve, reject) => {
    const child = execFile(
      file,
      args,
      { timeout: timeoutMs, killSignal: "SIGKILL", maxBuffer: 4 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error === null) {
          resolve(stdout);
          return;
        }
        const reason =
          error.killed === true ? `not done after ${timeoutMs} ms` : stderr.trim() || error.message;
        reject(new CommandError(file, reason));
      },
    );
    child.stdin?.end(input);
  });
}
