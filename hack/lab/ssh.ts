import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { run } from "../lib/exec.ts";
import { kubectl } from "./kubectl.ts";
import type { Settings } from "./settings.ts";

/** The lab's own key pair, made when first asked for; the demo's guest lets it in. */
export async function labKey(settings: Settings): Promise<{ path: string; publicKey: string }> {
  const path = join(settings.stateDir, "ssh/id_ed25519");
  if (!existsSync(path)) {
    await mkdir(join(settings.stateDir, "ssh"), { recursive: true, mode: 0o700 });
    await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", settings.name, "-f", path]);
  }
  return { path, publicKey: (await readFile(`${path}.pub`, "utf8")).trim() };
}

/** The address of an instance's guest, or undefined while it has none. */
export async function addressOf(settings: Settings, instance: string): Promise<string | undefined> {
  const path = "-o=jsonpath={.status.interfaces[0].ipAddress}";
  const address = await kubectl(settings, ["get", "vmi", instance, path]);
  return address === "" ? undefined : address;
}

/** Arguments of ssh for user `core` of a guest; its host key is new with each run, so it is not remembered. */
export function sshArguments(key: string, address: string): string[] {
  const options = {
    StrictHostKeyChecking: "no",
    UserKnownHostsFile: "/dev/null",
    LogLevel: "ERROR",
    ConnectTimeout: "5",
    // A guest that reboots leaves the connection open without a word.
    ServerAliveInterval: "10",
    ServerAliveCountMax: "6",
  };
  const flags = Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  return ["-i", key, ...flags, `core@${address}`];
}

/**
 * Logs in to a guest of the lab, or runs a command in it.
 * @returns the exit code
 */
export async function login(
  settings: Settings,
  instance: string,
  command: readonly string[],
): Promise<number> {
  const address = await addressOf(settings, instance);
  if (address === undefined)
    throw new Error(`${instance} has no address yet; see kubectl get vmi ${instance}`);
  const { path } = await labKey(settings);
  const { exitCode } = await execa("ssh", [...sshArguments(path, address), ...command], {
    stdio: "inherit",
    reject: false,
  });
  return exitCode ?? 255;
}
