import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { IgnitionPlan } from "../../launch-plan/launch-plan.ts";
import { StartError } from "../start-error.ts";
import { withSshKeys } from "./ignition-keys.ts";
import { readSshKeys } from "./ssh-keys.ts";

/** qemu keeps the blob in memory and the guest copies it byte by byte; a Secret holds at most 1 MiB. */
const LARGEST_CONFIG = 1024 * 1024;

/** What qemu reads; in memory, since what was in a Secret is not to be left on a disk of the node. */
const FILE = "/dev/shm/nestlet/ignition.json";

/**
 * Checks the config and returns the file for fw_cfg.
 * @throws StartError when it is missing, too large or no Ignition config
 */
export async function prepareIgnition(plan: IgnitionPlan | undefined): Promise<string | undefined> {
  if (plan === undefined) return undefined;
  const config = await readIgnition(plan);
  await mkdir(dirname(FILE), { recursive: true, mode: 0o700 });
  await writeFile(FILE, config, { mode: 0o600 });
  return FILE;
}

/**
 * The guest's config, with the keys that are to be merged into it.
 * @throws StartError as above, or when the keys are none
 */
export async function readIgnition(plan: IgnitionPlan): Promise<string> {
  const inline = "inline" in plan;
  const text = inline ? plan.inline : await readConfig(plan.path);
  const where = inline ? "the instance's spec" : plan.path;
  checkIgnition(text, where);
  const { sshKeys = [] } = plan;
  if (sshKeys.length === 0) return text;
  const users = sshKeys.map(async ({ user, folder }) => ({ user, keys: await readSshKeys(folder) }));
  const merged = withSshKeys(text, await Promise.all(users));
  checkIgnition(merged, where);
  return merged;
}

async function readConfig(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > LARGEST_CONFIG) throw tooLarge(path, size);
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(
      `Ignition: ${(error as Error).message}; does the Secret or ConfigMap have the key that the spec names?`,
    );
  }
}

/** @throws StartError unless the text is JSON with `ignition.version` 2.x or 3.x, of at most 1 MiB */
export function checkIgnition(text: string, where: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes > LARGEST_CONFIG) throw tooLarge(where, bytes);
  const version = versionOf(parse(text, where));
  if (typeof version !== "string" || !/^[23]\.\d+\.\d+(-[a-z]+)?$/.test(version)) {
    const found = version === undefined ? "missing" : JSON.stringify(version);
    throw new StartError(`Ignition: ${where}: ignition.version is ${found}, want 2.x.y or 3.x.y`);
  }
}

function tooLarge(where: string, bytes: number): StartError {
  return new StartError(
    `Ignition: ${where} has ${bytes} bytes, at most ${LARGEST_CONFIG} are possible; ` +
      "let it fetch the rest from a URL by ignition.config.merge, in version 2 by ignition.config.append",
  );
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which may be a secret.
    throw new StartError(`Ignition: ${where} is not JSON; a Butane file has to be translated first`);
  }
}

function versionOf(config: unknown): unknown {
  if (typeof config !== "object" || config === null || !("ignition" in config)) return undefined;
  const { ignition } = config;
  if (typeof ignition !== "object" || ignition === null || !("version" in ignition)) return undefined;
  return ignition.version;
}
