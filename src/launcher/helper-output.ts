import type { ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import { log } from "./log.ts";

/** Writes each line that a helper prints into the launcher's own log, under the helper's name. */
export function logOutput(child: ChildProcess, source: string): void {
  for (const stream of [child.stdout, child.stderr]) if (stream !== null) logLines(stream, source);
}

function logLines(stream: Readable, source: string): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (data: string) => {
    const lines = `${rest}${data}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") log.info(line, { source });
  });
}
