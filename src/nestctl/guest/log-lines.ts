/** Which lines of a launcher's log are wanted: the guest's console or the launcher's own. */
export type LogSide = "console" | "launcher";

/** The launcher's own lines are JSON that begins like this; a time may go before. */
const LAUNCHER_LINE = /^(?:\S+ )?\{"time":"[^"]+","level":"(?:info|warn|error)","msg":/;

/** Whether a line is of a side. A guest that writes such JSON to its console is taken for the launcher. */
export function isOfSide(line: string, side: LogSide): boolean {
  return LAUNCHER_LINE.test(line) === (side === "launcher");
}

/** Whole lines of a body, as they come; the last one may lack its end. */
export async function* linesOf(body: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}
