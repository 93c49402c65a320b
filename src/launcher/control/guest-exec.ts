import { setTimeout as sleep } from "node:timers/promises";
import { VerbError, type ProgramEnd } from "./protocol.ts";

/** Asks the guest's agent for something. */
export interface Agent {
  agent(command: string, args?: object): Promise<unknown>;
}

/** The agent tells of a program's end only when it is asked: soon at first, later at this pace. */
const pollMs = { first: 20, longest: 500 };

/**
 * Runs a program in the guest by its agent (`guest-exec`, `guest-exec-status` of QEMU's guest agent protocol).
 * @throws VerbError when it does not end within its time, or its caller has gone: then it goes on in the guest;
 *   what the agent throws
 */
export async function runInGuest(
  guest: Agent,
  program: readonly string[],
  limitMs: number,
  gone: AbortSignal,
): Promise<ProgramEnd> {
  const [path, ...arg] = program;
  const started = performance.now();
  const answer = await guest.agent("guest-exec", { path, arg, "capture-output": true });
  const { pid } = answer as { pid: number };
  for (let pause = pollMs.first; ; pause = Math.min(pause * 2, pollMs.longest)) {
    const end = programEndOf(await guest.agent("guest-exec-status", { pid }));
    if (end !== undefined) return end;
    const leftMs = limitMs - (performance.now() - started);
    if (gone.aborted || leftMs <= 0) throw stillRunning(pid, limitMs);
    await sleep(Math.min(pause, leftMs));
  }
}

function stillRunning(pid: number, limitMs: number): VerbError {
  return new VerbError(
    "TimedOut",
    `the program has not ended within ${limitMs / 1000} s and goes on in the guest as process ${pid}; ` +
      "give it more time with --timeout, or a probe with timeoutSeconds",
  );
}

/** How the program has ended, if it has, from the agent's answer. A guest says what it likes. */
export function programEndOf(answer: unknown): ProgramEnd | undefined {
  const status = (typeof answer === "object" && answer !== null ? answer : {}) as Record<string, unknown>;
  if (status["exited"] !== true) return undefined;
  const { exitcode, signal } = status;
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  const code =
    typeof exitcode === "number" ? exitcode : typeof signal === "number" ? 128 + signal : UNKNOWN_END;
  return {
    exitCode: code >= 0 && code <= 255 ? code : UNKNOWN_END,
    output: text(status["out-data"]),
    errors: text(status["err-data"]),
  };
}

/** Neither an exit code nor a signal that a process here could end with: no success. */
const UNKNOWN_END = 255;
