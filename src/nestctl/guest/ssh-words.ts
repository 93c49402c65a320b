import { homedir } from "node:os";
import { join } from "node:path";
import { usageError } from "../frame/cli-error.ts";

/** Where ssh connects to. */
export interface SshPlace {
  host: string;
  port: number;
  /** Stands for the guest in ssh's list of known hosts: addresses are used again by other guests. */
  alias: string;
}

export interface SshFlags {
  login: string;
  identityFile?: string;
  sshOption?: string[];
}

/** Apart from the person's own, as guests come and go. */
export function knownHostsFile(home = homedir()): string {
  return join(home, ".ssh", "nestlet_known_hosts");
}

/** Options that ssh and scp have in common. */
export function sshCommon(
  { port, alias }: SshPlace,
  flags: Omit<SshFlags, "login">,
  portFlag = "-p",
): string[] {
  return [
    ...(flags.identityFile === undefined ? [] : ["-i", flags.identityFile]),
    ...(flags.sshOption ?? []).flatMap((option) => ["-o", option]),
    ...["-o", `HostKeyAlias=${alias}`],
    ...["-o", "StrictHostKeyChecking=accept-new"],
    ...["-o", `UserKnownHostsFile=${knownHostsFile()}`],
    ...["-o", "CheckHostIP=no"],
    ...["-o", "ServerAliveInterval=15"],
    portFlag,
    String(port),
  ];
}

/** Arguments of ssh. A command's words are passed on as they are; the guest's shell reads them. */
export function sshArguments(
  place: SshPlace,
  flags: SshFlags & { tty?: boolean },
  command: readonly string[],
): string[] {
  const tty = flags.tty === true ? ["-t"] : [];
  return [
    ...sshCommon(place, flags),
    ...tty,
    "-l",
    flags.login,
    place.host,
    ...(command.length > 0 ? ["--"] : []),
    ...command,
  ];
}

/** `USER@MACHINE` or `MACHINE`. */
export function splitLogin(target: string, login: string): { name: string; login: string } {
  const at = target.lastIndexOf("@");
  return at < 0 ? { name: target, login } : { name: target.slice(at + 1), login: target.slice(0, at) };
}

/**
 * The one machine among files of scp, and these as scp takes them, `host` being where the machine is.
 * @throws CliError where no file, or files of several machines, are in guests
 */
export function scpFiles(
  files: readonly string[],
  login: string,
): { name: string; args: (host: string) => string[] } {
  const parts = files.map((file) => {
    // A colon after a slash is part of a local path, as for scp itself.
    const [, target, path = ""] = /^([^/:]+):(.*)$/s.exec(file) ?? [];
    return target === undefined ? { file } : { ...splitLogin(target, login), path };
  });
  const names = new Set(parts.flatMap((part) => ("name" in part ? [part.name] : [])));
  const [name, another] = names;
  if (name === undefined)
    throw usageError("none of the files is in a guest", "write MACHINE:PATH for one that is");
  if (another !== undefined) {
    throw usageError(
      `the files are in several guests: ${[...names].join(", ")}`,
      "copy by way of this machine",
    );
  }
  const args = (host: string): string[] =>
    parts.map((part) => ("name" in part ? `${part.login}@${host}:${part.path}` : part.file));
  return { name, args };
}
