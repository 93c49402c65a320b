import { setTimeout as sleep } from "node:timers/promises";
import { PassThrough, Writable } from "node:stream";
import { virtualMachineInstances } from "../../api/resources.ts";
import { ApiError, UnreachableError } from "../../kube/api-error.ts";
import { CONTROL_COMMAND } from "../../launch-plan/pod-contract.ts";
import { CliError, ExitCode } from "../frame/cli-error.ts";
import { durationMs } from "../frame/flag-values.ts";
import type { Globals } from "../frame/globals.ts";
import { note } from "../frame/output.ts";
import { withSession, type Session } from "../kube/session.ts";
import { ConnectionEnded } from "../stream/exec.ts";
import { inLauncher, runningOf, type Run } from "../vm/launcher.ts";
import { waitOne } from "../vm/wait.ts";
import { nextStep, Keys, Ear } from "./console-steps.ts";

export interface ConsoleOptions {
  timeout: string;
  reconnect: boolean;
  follow?: boolean;
}

/** Exit code of nestlet-ctl. */
const NO_LAUNCHER = 3;
const RECONNECT_MS = 2000;
const RECONNECTS = 30;
/** A next run is waited for as long as crash loops make one wait. */
const NEXT_RUN_MS = 600_000;

/** `nestctl console`: until the guest ends, somebody takes over, or the escape key. */
export async function attach(globals: Globals, name: string, options: ConsoleOptions): Promise<void> {
  const timeoutMs = durationMs(options.timeout, "--timeout");
  await withSession(globals, async (session) => {
    if (timeoutMs > 0) await waitOne(session, { name }, "Running", timeoutMs);
    const run = await runningOf(session, name);
    note(`attached to the console of ${name}; press Ctrl+] to leave it`);
    const terminal = openTerminal();
    try {
      await stay(session, run, options, terminal);
    } finally {
      terminal.close();
    }
  });
}

interface Terminal {
  /** Ends when the person leaves. */
  keys: Keys;
  close(): void;
}

/** The person's terminal, whose keys reach the guest unread by anything in between. */
function openTerminal(): Terminal {
  const { stdin } = process;
  const raw = stdin.isTTY;
  const keys = new Keys(raw);
  if (raw) stdin.setRawMode(true);
  const hear = (data: Buffer): void => keys.typed(data);
  const end = (): void => keys.leave();
  stdin.on("data", hear).once("end", end);
  return {
    keys,
    close: () => {
      stdin.off("data", hear).off("end", end).pause();
      if (!raw) return;
      stdin.setRawMode(false);
      // A terminal that was read holds the process.
      stdin.unref();
      note("");
    },
  };
}

async function stay(
  session: Session,
  first: Run,
  options: ConsoleOptions,
  { keys }: Terminal,
): Promise<void> {
  let run: Run | undefined = first;
  for (let broken = 0; run !== undefined;) {
    const ear = new Ear();
    const broke = await one(session, run, keys, ear);
    const ended = broke !== undefined && (await isOver(session, run)) ? undefined : broke;
    if (ear.heardAnything) broken = 0;
    const step = nextStep({ ended, left: keys.left, said: ear.lastWord, ...options });
    switch (step) {
      case "leave":
        return;
      case "next run":
        note("\r\nwaiting for the next run\r");
        run = await nextRun(session, run, keys);
        break;
      case "reconnect":
        if (++broken > RECONNECTS) throw ended as Error;
        note(`\r\n${(ended as Error).message}; connecting again\r`);
        await sleep(RECONNECT_MS);
        break;
    }
  }
}

/** Attaches once; gives the error that ended it, if one did. */
async function one(session: Session, run: Run, keys: Keys, ear: Ear): Promise<unknown> {
  const input = new PassThrough();
  const abort = new AbortController();
  const output = new Writable({
    write: (data: Buffer, _, done) => {
      ear.hear(data);
      if (process.stdout.write(data)) done();
      else process.stdout.once("drain", () => done());
    },
  });
  const errors = new PassThrough();
  let complaint = "";
  errors.on("data", (data: Buffer) => (complaint += data.toString()));
  const detach = keys.attach(
    (data) => input.write(data),
    () => {
      input.end();
      // What the guest says last is waited for.
      setTimeout(() => abort.abort(), 2000).unref();
    },
  );
  try {
    const streams = { input, output, errors, signal: abort.signal };
    const code = await inLauncher(session, run, [CONTROL_COMMAND, "console"], streams);
    if (code !== 0) throw new CliError(code, complaint.trim().replace(/^nestlet-ctl /, ""));
    return undefined;
  } catch (error) {
    if (isBreak(error)) return error;
    throw error;
  } finally {
    detach();
  }
}

/** Whether an error is about the connection, or about a pod that may be on its way out, and not about the wish. */
function isBreak(error: unknown): boolean {
  if (error instanceof ConnectionEnded || error instanceof UnreachableError) return true;
  if (error instanceof ApiError) return error.code === 404 || error.code >= 500;
  // nestlet-ctl was killed with its pod, or finds no launcher any more.
  return error instanceof CliError && (error.exitCode > 128 || error.exitCode === NO_LAUNCHER);
}

/** The run has ended, or is about to. One that cannot be asked for is taken to go on. */
async function isOver({ client, namespace }: Session, { instance: { metadata } }: Run): Promise<boolean> {
  try {
    const now = await client.find(virtualMachineInstances, namespace, metadata.name);
    if (now?.metadata.uid !== metadata.uid) return true;
    return now.metadata.deletionTimestamp !== undefined || now.status?.phase !== "Running";
  } catch {
    return false;
  }
}

/** The run after one; undefined when the person has left. */
async function nextRun(
  session: Session,
  { instance: { metadata } }: Run,
  keys: Keys,
): Promise<Run | undefined> {
  const deadline = Date.now() + NEXT_RUN_MS;
  while (!keys.left) {
    const run = await runningOf(session, metadata.name).catch((error: unknown) => {
      if (error instanceof CliError && error.exitCode === ExitCode.failed) return undefined;
      throw error;
    });
    if (run !== undefined && run.instance.metadata.uid !== metadata.uid) return run;
    if (Date.now() > deadline) {
      throw new CliError(
        ExitCode.timedOut,
        `${metadata.name} has not run again for ${NEXT_RUN_MS / 1000} s`,
        `see what it waits for: kubectl describe vm ${metadata.name}`,
      );
    }
    await sleep(1000);
  }
  return undefined;
}
