import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { CliError, ExitCode, usageError } from "../frame/cli-error.ts";
import { countOf, durationMs, portOf } from "../frame/flag-values.ts";
import type { Globals } from "../frame/globals.ts";
import { inOrder } from "../frame/in-order.ts";
import { coloured, note } from "../frame/output.ts";
import { addressOf, withSshPlace } from "../guest/reach.ts";
import { knownHostsFile, sshArguments, type SshFlags } from "../guest/ssh-words.ts";
import { withSession, type Session } from "../kube/session.ts";
import { openDialer, type Dialer } from "../stream/dialer.ts";
import type { Via } from "../stream/dialer-ways.ts";
import { abortable } from "../stream/stop.ts";
import { membersOf, selected, type Member, type MemberFlags } from "./members.ts";
import { LinePrinter, overallCode, type Outcome } from "./side-by-side.ts";

export interface ExecOverOptions extends MemberFlags, SshFlags {
  port: string;
  via: Via;
  parallel: string;
  timeout: string;
  collect?: boolean;
}

/** `nestctl cluster exec` */
export async function execOver(
  globals: Globals,
  name: string,
  command: readonly string[],
  options: ExecOverOptions,
): Promise<void> {
  const atOnce = countOf(options.parallel, "--parallel");
  if (atOnce < 1) throw usageError('--parallel: "0" is too few', "give at least 1");
  const timeoutMs = durationMs(options.timeout, "--timeout");
  const port = portOf(options.port, "--port");
  await mkdir(dirname(knownHostsFile()), { recursive: true, mode: 0o700 });
  await withSession(globals, async (session) => {
    const { cluster, members } = await membersOf(session, name);
    const wanted = selected(name, members, options);
    if (wanted.length === 0) {
      throw new CliError(
        ExitCode.failed,
        `cluster ${name} has no such members: ${cluster.status?.nextStep ?? "it has just been made"}`,
        `see nestctl cluster nodes ${name}, and give another --group, or wait until they are made`,
      );
    }
    await abortable(async (signal) => {
      const dialer = await dialerFor(session, wanted, { via: options.via, port }, cluster);
      try {
        const runs = { command, options, port, timeoutMs, signal, dialer };
        const width = Math.max(...wanted.map((member) => member.name.length));
        const outcomes = await inOrder(wanted, atOnce, async (member) => runOn(member, runs, width));
        report(outcomes);
        process.exitCode = overallCode(outcomes);
      } finally {
        await dialer?.close();
      }
    });
  });
}

/** One way for all: the members are on one network. Undefined when none of them runs. */
async function dialerFor(
  session: Session,
  members: readonly Member[],
  { via, port }: { via: Via; port: number },
  owner: Parameters<typeof openDialer>[3],
): Promise<Dialer | undefined> {
  const running = members.find(({ instance }) => instance?.status?.phase === "Running");
  const pod = running?.instance?.status?.podName;
  if (running?.instance === undefined || pod === undefined) return undefined;
  return openDialer(session, via, { address: addressOf(running.instance), port, pod }, owner);
}

interface Runs {
  command: readonly string[];
  options: ExecOverOptions;
  port: number;
  timeoutMs: number;
  signal: AbortSignal;
  dialer: Dialer | undefined;
}

async function runOn(member: Member, runs: Runs, width: number): Promise<Outcome> {
  const { instance, name } = member;
  const printer = new LinePrinter(name, width, runs.options.collect === true);
  if (instance === undefined || runs.dialer === undefined || instance.status?.phase !== "Running") {
    return { name, code: 255, why: `it does not run: it is ${instance?.status?.phase ?? "Stopped"}` };
  }
  try {
    return await withSshPlace(runs.dialer, instance, runs.port, async (place) => {
      const flags = {
        ...runs.options,
        sshOption: ["BatchMode=yes", "LogLevel=ERROR", ...(runs.options.sshOption ?? [])],
      };
      return sshTo(name, sshArguments(place, flags, runs.command), runs, printer);
    });
  } finally {
    printer.end();
  }
}

async function sshTo(
  name: string,
  args: readonly string[],
  runs: Runs,
  printer: LinePrinter,
): Promise<Outcome> {
  const late = AbortSignal.timeout(runs.timeoutMs);
  const signal = AbortSignal.any([late, runs.signal]);
  const child = spawn("ssh", args, { stdio: ["ignore", "pipe", "pipe"] });
  const end = (): void => void child.kill("SIGTERM");
  if (signal.aborted) end();
  signal.addEventListener("abort", end, { once: true });
  child.stdout.on("data", (data: Buffer) => printer.hear("out", data));
  child.stderr.on("data", (data: Buffer) => printer.hear("err", data));
  return new Promise((resolve) => {
    child.once("error", (error: NodeJS.ErrnoException) => {
      const missing = "there is no ssh on this machine: install OpenSSH's client";
      resolve({ name, code: 255, why: error.code === "ENOENT" ? missing : `ssh: ${error.message}` });
    });
    child.once("close", (code) => {
      signal.removeEventListener("abort", end);
      if (late.aborted)
        resolve({ name, code: 255, why: `not done after ${String(runs.timeoutMs / 1000)} s` });
      else if (runs.signal.aborted) resolve({ name, code: 255, why: "interrupted" });
      else resolve({ name, code: code ?? 255, why: code === 255 ? "ssh failed" : undefined });
    });
  });
}

function report(outcomes: readonly Outcome[]): void {
  const failed = outcomes.filter(({ code }) => code !== 0);
  for (const { name, code, why } of failed)
    note(`${coloured("red", name)}: ${why ?? `exit code ${String(code)}`}`);
  if (failed.length > 0) note(`failed on ${String(failed.length)} of ${String(outcomes.length)} members`);
}
