import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { constants } from "node:os";
import { dirname } from "node:path";
import { CliError, ExitCode } from "../frame/cli-error.ts";
import { portOf } from "../frame/flag-values.ts";
import type { Globals } from "../frame/globals.ts";
import { withSession } from "../kube/session.ts";
import type { Via } from "../stream/dialer-ways.ts";
import { withReach, withSshPlace } from "./reach.ts";
import {
  knownHostsFile,
  scpFiles,
  splitLogin,
  sshArguments,
  sshCommon,
  type SshFlags,
  type SshPlace,
} from "./ssh-words.ts";

export interface SshOptions extends SshFlags {
  port: string;
  via: Via;
  tty?: boolean;
}

export interface ScpOptions extends SshOptions {
  recursive?: boolean;
}

/** `nestctl ssh`: OpenSSH, led to the guest. The exit code is its own. */
export async function ssh(
  globals: Globals,
  target: string,
  command: readonly string[],
  options: SshOptions,
): Promise<void> {
  const { name, login } = splitLogin(target, options.login);
  await led(globals, name, options, async (place) =>
    runSsh("ssh", sshArguments(place, { ...options, login }, command)),
  );
}

/** `nestctl scp` */
export async function scp(globals: Globals, files: readonly string[], options: ScpOptions): Promise<void> {
  const { name, args } = scpFiles(files, options.login);
  const recursive = options.recursive === true ? ["-r"] : [];
  await led(globals, name, options, async (place) =>
    runSsh("scp", [...sshCommon(place, options, "-P"), ...recursive, "--", ...args(place.host)]),
  );
}

async function led(
  globals: Globals,
  name: string,
  { port, via }: SshOptions,
  work: (place: SshPlace) => Promise<number>,
): Promise<void> {
  const target = { name, port: portOf(port, "--port"), via };
  await mkdir(dirname(knownHostsFile()), { recursive: true, mode: 0o700 });
  process.exitCode = await withSession(globals, async (session) =>
    withReach(session, target, async ({ run, dialer }) =>
      withSshPlace(dialer, run.instance, target.port, work),
    ),
  );
}

/** Runs one of OpenSSH's programs in the person's terminal and resolves to its exit code. */
async function runSsh(program: string, args: readonly string[]): Promise<number> {
  // The terminal's Ctrl+C is the program's own; this one has to stay until it has ended.
  const ignore = (): void => undefined;
  process.on("SIGINT", ignore);
  try {
    const child = spawn(program, args, { stdio: "inherit" });
    const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
    return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new CliError(ExitCode.failed, `there is no ${program} on this machine`, "install OpenSSH's client");
  } finally {
    process.off("SIGINT", ignore);
  }
}
