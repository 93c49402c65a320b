import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Readable, Writable } from "node:stream";
import { readHead } from "../head.ts";
import { line, parseAnswer, VerbError, type ProgramEnd, type Request, type Result } from "../protocol.ts";

/** Longer than the launcher gives a verb. */
const ANSWER_MS = 60_000;
const LONGEST_ANSWER = 4 * 1024 * 1024;
/** How long what the guest says last is waited for. */
const LEAVE_MS = 1000;
/** Ctrl+], as in telnet and virsh. */
const ESCAPE = 0x1d;

/** Exit codes of `nestlet-ctl`. */
export const ExitCode = { done: 0, failed: 1, usage: 2, noLauncher: 3 } as const;

/** What a caller hears and says. */
export interface Terminal {
  input: Readable & { isTTY?: boolean; setRawMode?: (raw: boolean) => unknown };
  output: Writable;
  errors: Writable;
}

/** Calls a verb and passes on what comes of it; returns the exit code. */
export async function call(path: string, request: Request, terminal: Terminal): Promise<number> {
  const { verb } = request;
  const fail = (code: number, message: string): number => {
    terminal.errors.write(`nestlet-ctl ${verb}: ${message}\n`);
    return code;
  };
  let launcher: Socket;
  try {
    launcher = await reach(path);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    const why = `no launcher listens at ${path} (${code}): the guest does not run yet, or not any more; `;
    return fail(ExitCode.noLauncher, `${why}see kubectl get vmis and the log of this pod`);
  }
  try {
    launcher.write(line(request));
    const patienceMs = ANSWER_MS + (request.timeoutSeconds ?? 0) * 1000;
    const answer = parseAnswer(await readHead(launcher, LONGEST_ANSWER, patienceMs));
    if ("error" in answer) return fail(ExitCode.failed, answer.error.message);
    if ("result" in answer && answer.result.ran !== undefined) return repeat(answer.result.ran, terminal);
    if ("stream" in answer) await join(launcher, verb, terminal);
    else await print(launcher, answer.result, terminal.output);
    return ExitCode.done;
  } catch (error) {
    return fail(ExitCode.failed, error instanceof Error ? error.message : String(error));
  } finally {
    launcher.destroy();
  }
}

async function reach(path: string): Promise<Socket> {
  const launcher = connect(path);
  await once(launcher, "connect");
  return launcher.on("error", () => undefined); // "close" follows
}

/** Ends as the program in the guest did. */
function repeat(ran: ProgramEnd, { output, errors }: Terminal): number {
  output.write(Buffer.from(ran.output, "base64"));
  errors.write(Buffer.from(ran.errors, "base64"));
  return ran.exitCode;
}

async function print(launcher: Socket, { value, bytes }: Result, output: Writable): Promise<void> {
  if (value !== undefined) output.write(`${JSON.stringify(value, undefined, 2)}\n`);
  if (bytes === undefined) return;
  let left = bytes;
  for await (const data of launcher) {
    left -= (data as Buffer).length;
    if (!output.write(data)) await once(output, "drain");
  }
  if (left !== 0)
    throw new VerbError("Unavailable", `${left} of ${bytes} bytes are missing: the launcher has ended`);
}

/** Passes bytes both ways until the launcher's side ends, the input does, or somebody presses the escape key. */
async function join(launcher: Socket, verb: string, { input, output, errors }: Terminal): Promise<void> {
  const raw = input.isTTY === true;
  if (raw) {
    input.setRawMode?.(true);
    errors.write(`${verb} attached; press Ctrl+] to leave it\r\n`);
  }
  const leave = (): void => {
    launcher.end();
    setTimeout(() => launcher.destroy(), LEAVE_MS).unref();
  };
  input.on("data", (data: Buffer) => {
    const escape = raw ? data.indexOf(ESCAPE) : -1;
    const typed = escape < 0 ? data : data.subarray(0, escape);
    if (typed.length > 0 && !launcher.write(typed)) {
      input.pause();
      launcher.once("drain", () => input.resume());
    }
    if (escape >= 0) leave();
  });
  input.once("end", leave).once("error", () => launcher.destroy());
  output.once("error", () => launcher.destroy());
  launcher.on("data", (data: Buffer) => {
    if (output.write(data)) return;
    launcher.pause();
    output.once("drain", () => launcher.resume());
  });
  launcher.resume();
  await new Promise((resolve) => launcher.once("close", resolve));
  if (raw) input.setRawMode?.(false);
  input.destroy();
}
