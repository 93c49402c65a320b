import { isVerb, PROTOCOL_VERSION, VERBS, type Request } from "../protocol.ts";

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
  `  kubectl exec POD -- nestlet-ctl qmp '{"execute":"query-status"}'`,
  "",
].join("\n");

export function readCommandLine(args: readonly string[]): Wish {
  const [verb, ...rest] = args;
  if (verb === undefined) return { usageError: "a verb is missing" };
  if (verb === "help" || verb === "--help" || verb === "-h") return { help: USAGE };
  if (!isVerb(verb)) return { usageError: `there is no verb ${JSON.stringify(verb)}` };
  const wanted = verb === "qmp" ? 1 : 0;
  const surplus = rest[wanted];
  if (surplus !== undefined) return { usageError: `${verb}: what is ${JSON.stringify(surplus)} for?` };
  if (verb !== "qmp") return { request: { version: PROTOCOL_VERSION, verb } };
  const [command] = rest;
  if (command === undefined) return { usageError: "qmp: the command (JSON) is missing" };
  return { request: { version: PROTOCOL_VERSION, verb, command } };
}
