import { COMPUTE_CONTAINER } from "../../launch-plan/pod-contract.ts";
import { pods, resourcePath } from "../../kube/object.ts";
import { countOf, durationMs } from "../frame/flag-values.ts";
import type { Globals } from "../frame/globals.ts";
import { print } from "../frame/output.ts";
import { withSession, type Session } from "../kube/session.ts";
import { abortable } from "../stream/stop.ts";
import { runOf } from "../vm/launcher.ts";
import { isOfSide, linesOf, type LogSide } from "./log-lines.ts";

export interface LogOptions {
  follow?: boolean;
  tail?: string;
  since?: string;
  timestamps?: boolean;
  launcher?: boolean;
}

/** `nestctl logs` */
export async function logs(globals: Globals, name: string, options: LogOptions): Promise<void> {
  const query = logQuery(options);
  const tail = options.tail === undefined ? undefined : countOf(options.tail, "--tail");
  await withSession(globals, async (session) => {
    const { pod } = await runOf(session, name);
    await abortable(async (signal) => {
      const side = options.launcher === true ? "launcher" : "console";
      for await (const line of podLog(session, pod, { query, side, tail, signal })) print(`${line}\n`);
    });
  });
}

export function logQuery({ follow, since, timestamps }: LogOptions): Record<string, string> {
  return {
    container: COMPUTE_CONTAINER,
    ...(follow === true ? { follow: "true" } : {}),
    ...(timestamps === true ? { timestamps: "true" } : {}),
    ...(since === undefined ? {} : { sinceSeconds: String(Math.ceil(durationMs(since, "--since") / 1000)) }),
  };
}

export interface LogWish {
  query: Record<string, string>;
  side: LogSide;
  /** So many of the last lines there are. */
  tail: number | undefined;
  signal: AbortSignal;
}

/** Lines of one side of a launcher's log. Ends when the log does, or the signal aborts. */
export async function* podLog(
  session: Session,
  pod: string,
  { query, side, tail, signal }: LogWish,
): AsyncGenerator<string> {
  const path = resourcePath(pods, session.namespace, pod, "log");
  try {
    if (tail === undefined) {
      yield* sideOf(session, path, { query, side, signal });
      return;
    }
    // The two sides are mixed in the log, so the last lines of one are counted here.
    const { follow, ...past } = query;
    const last: string[] = [];
    const started = new Date(Date.now() - 1000).toISOString();
    for await (const line of sideOf(session, path, { query: past, side, signal })) {
      last.push(line);
      if (last.length > tail) last.shift();
    }
    yield* last;
    if (follow === undefined) return;
    yield* unseen(sideOf(session, path, { query: { ...query, sinceTime: started }, side, signal }), last);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function* sideOf(
  session: Session,
  path: string,
  { query, side, signal }: Omit<LogWish, "tail">,
): AsyncGenerator<string> {
  const body = await session.stream(`${path}?${new URLSearchParams(query).toString()}`, signal);
  for await (const line of linesOf(body)) if (isOfSide(line, side)) yield line;
}

/** Leaves out lines at the beginning that were shown as the last ones before. */
export async function* unseen(
  lines: AsyncIterable<string>,
  shown: readonly string[],
): AsyncGenerator<string> {
  const known = shown.slice(-200);
  let beginning = true;
  for await (const line of lines) {
    beginning &&= known.includes(line);
    if (!beginning) yield line;
  }
}
