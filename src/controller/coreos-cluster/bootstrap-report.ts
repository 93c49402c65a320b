import { BOOTSTRAP_MARKER } from "../../guest-config/bootstrap.ts";

/** What a member's console said last of its bootstrap. A guest whose bootstrap failed goes on trying. */
export type BootstrapReport =
  | { outcome: "ready" }
  | {
      outcome: "failed";
      /** kubeadm's own, in one line, without tokens. */
      words: string;
      /** The control plane does not take the member's token, which has expired or was removed. */
      tokenRefused: boolean;
    };

/** Of a failure's words, the last: what kubeadm stumbled on comes at the end. */
const longestWords = 1000;

/** `abcdef.0123456789abcdef`: the first part only names it. */
const tokens = /\b([a-z0-9]{6})\.[a-z0-9]{16}\b/g;

/**
 * The last outcome in a launcher's log, whose lines are the guest's console and, as JSON objects, the launcher's own.
 * Other messages may stand on the same line of a console.
 */
export function bootstrapReportIn(log: string): BootstrapReport | undefined {
  const last = log.split("\n").findLast((line) => line.includes(BOOTSTRAP_MARKER) && !line.startsWith("{"));
  if (last === undefined) return undefined;
  const said = last.slice(last.lastIndexOf(BOOTSTRAP_MARKER) + BOOTSTRAP_MARKER.length).trim();
  if (!said.startsWith("failed")) return said.startsWith("ready") ? { outcome: "ready" } : undefined;
  const words = said.replace(/^failed:?\s*/, "").replace(tokens, "$1.…");
  return {
    outcome: "failed",
    words: words.length > longestWords ? `… ${words.slice(-longestWords)}` : words,
    tokenRefused: /\bUnauthorized\b/.test(words),
  };
}
