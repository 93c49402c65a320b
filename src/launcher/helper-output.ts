import type { ChildProcess } from "node:child_process";
import { log } from "./log.ts";

export interface HelperLine {
  level: "info" | "warn" | "error";
  msg: string;
}

/**
 * Writes what a helper prints on standard error into the launcher's own log, under the helper's name.
 * @param read says what a line means; undefined: it is not worth a line
 */
export function logOutput(
  child: ChildProcess,
  source: string,
  read: (line: string) => HelperLine | undefined,
): void {
  let rest = "";
  child.stderr?.setEncoding("utf8");
  child.stderr?.on("data", (data: string) => {
    const lines = `${rest}${data}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const { level, msg } = read(line) ?? {};
      if (level !== undefined && msg !== undefined) log[level](msg, { source });
    }
  });
}
