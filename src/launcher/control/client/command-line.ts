import {
  EXEC_SECONDS,
  isVerb,
  LONGEST_EXEC_SECONDS,
  PROTOCOL_VERSION,
  VERBS,
  type Request,
} from "../protocol.ts";

/** What a command line asks for: a verb, or help. */
export type Wish = { request: Request } | { help: string } | { usageError: string };

const width = Math.max(...Object.keys(VERBS).map((verb) => verb.length));

export const USAGE = [
  "usage: nestlet-ctl VERB",
  "",
  ...Object.entries(VERBS).map(([verb, what]) => `  ${verb.padEnd(width)}  ${what}`),
  "",
  "examples, from outside the pod:",
  "  kubectl exec -it POD -- nestlet-ctl console",
  "  kubectl exec POD -- nestlet-ctl info",
  "  kubectl exec POD -- nestlet-ctl screenshot >screen.png",
  `  kubectl exec POD -- nestlet-ctl exec [--timeout SECONDS, ${EXEC_SECONDS}] uname -r`,
  `  kubectl exec POD -- nestlet-ctl qmp '{"execute":"query-status"}'`,
  "",
].join("\n");

export function readCommandLine(args: readonly string[]): Wish {
  const [verb, ...rest] = args;
  if (verb === undefined) return { usageError: "a verb is missing" };
  if (verb === "help" || verb === "--help" || verb === "-h") return { help: USAGE };
  if (!isVerb(verb)) return { usageError: `there is no verb ${JSON.stringify(verb)}` };
  if (verb === "exec") return execOf(rest);
  const wanted = verb === "qmp" ? 1 : 0;
  const surplus = rest[wanted];
  if (surplus !== undefined) return { usageError: `${verb}: what is ${JSON.stringify(surplus)} for?` };
  if (verb !== "qmp") return { request: { version: PROTOCOL_VERSION, verb } };
  const [command] = rest;
  if (command === undefined) return { usageError: "qmp: the command (JSON) is missing" };
  return { request: { version: PROTOCOL_VERSION, verb, command } };
}

/** `[--timeout SECONDS] [--] PROGRAM [ARGUMENT...]`: after the program every word is its own. */
function execOf(words: readonly string[]): Wish {
  const [first, seconds = ""] = words;
  const timed = first === "--timeout";
  const timeoutSeconds = timed ? Number(seconds) : EXEC_SECONDS;
  if (seconds.trim() === "" && timed) return { usageError: "exec: --timeout wants seconds" };
  if (!(timeoutSeconds > 0 && timeoutSeconds <= LONGEST_EXEC_SECONDS)) {
    return {
      usageError: `exec: --timeout is ${JSON.stringify(seconds)}, want seconds, up to ${LONGEST_EXEC_SECONDS}`,
    };
  }
  const rest = words.slice(timed ? 2 : 0);
  const program = rest[0] === "--" ? rest.slice(1) : rest;
  if (program.length === 0) return { usageError: "exec: the program is missing" };
  return { request: { version: PROTOCOL_VERSION, verb: "exec", program, timeoutSeconds } };
}
