import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { CloudInitSource, IgnitionPlan, InitData } from "../../launch-plan/launch-plan.ts";
import { StartError } from "../start-error.ts";
import { cloudInitDisk, configDrive, type CloudInitDisk, type GuestFacts } from "./cloud-init.ts";
import { readIgnition } from "./ignition.ts";
import { readSshKeys } from "./ssh-keys.ts";

/** In memory: what was in a Secret is not left on a disk of the node. */
export const INIT_FILES_DIR = "/dev/shm/nestlet";

/** What a Secret can hold, and more than any cloud hands to a guest. */
const LARGEST_DATA = 1024 * 1024;

/**
 * The files by which cloud-init finds what it is to do, and their disk's label.
 * @param user what wants them, for messages: `disk init`
 * @throws StartError when what they are made of is missing or too large
 */
export async function cloudInitFiles(
  user: string,
  source: CloudInitSource,
  facts: GuestFacts,
): Promise<CloudInitDisk> {
  const [userData, networkData, sshKeys] = await Promise.all([
    readInitData(source.userData, `${user}: user data`),
    readInitData(source.networkData, `${user}: network data`),
    Promise.all((source.sshKeys ?? []).map(readSshKeys)),
  ]);
  const data = {
    ...(userData === undefined ? {} : { userData }),
    ...(networkData === undefined ? {} : { networkData }),
    sshKeys: sshKeys.flat(),
  };
  return cloudInitDisk(source.layout, facts, data);
}

/**
 * The Ignition config as user data of a config drive.
 * @throws StartError as above, or when the config is none
 */
export async function ignitionFiles(
  user: string,
  plan: IgnitionPlan | undefined,
  facts: GuestFacts,
): Promise<CloudInitDisk> {
  if (plan === undefined) throw new StartError(`${user}: the plan has no Ignition config for it`);
  return configDrive(facts, { userData: Buffer.from(await readIgnition(plan)) });
}

/** Writes the files below a folder, for root's eyes only, and returns where each of them is. */
export async function writeFiles(
  folder: string,
  files: CloudInitDisk["files"],
): Promise<Map<string, string>> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const written = new Map<string, string>();
  for (const [path, content] of files) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, content, { mode: 0o600 });
    written.set(path, file);
  }
  return written;
}

/** @throws StartError */
async function readInitData(data: InitData | undefined, what: string): Promise<Buffer | undefined> {
  if (data === undefined) return undefined;
  if ("inline" in data) return Buffer.from(data.inline);
  if ("base64" in data) return Buffer.from(data.base64, "base64");
  for (const path of data.paths) {
    const size = await sizeOf(path);
    if (size === undefined) continue;
    if (size <= LARGEST_DATA) return readFile(path);
    throw new StartError(`${what} has ${size} bytes, at most ${LARGEST_DATA} are possible`);
  }
  throw new StartError(
    `${what} is missing: none of ${data.paths.join(", ")} is there; was its Secret changed?`,
  );
}

async function sizeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ size }) => size,
    () => undefined,
  );
}
