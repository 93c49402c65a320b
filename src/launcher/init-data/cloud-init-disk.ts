import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { CloudInitSource, IgnitionPlan, InitData } from "../../launch-plan/launch-plan.ts";
import { createIso } from "../disks/iso.ts";
import { StartError } from "../start-error.ts";
import { readIgnition } from "./ignition.ts";
import { readSshKeys } from "./ssh-keys.ts";
import { cloudInitDisk, configDrive, type CloudInitDisk, type GuestFacts } from "./cloud-init.ts";

/** In memory: what was in a Secret is not left on a disk of the node. */
const FOLDER = "/dev/shm/nestlet";

/** What a Secret can hold, and more than any cloud hands to a guest. */
const LARGEST_DATA = 1024 * 1024;

/**
 * Makes the disk and returns its file.
 * @param name of the disk
 * @throws StartError when what it is made of is missing or too large
 */
export async function prepareCloudInitDisk(
  name: string,
  source: CloudInitSource,
  facts: GuestFacts,
): Promise<string> {
  const [userData, networkData, sshKeys] = await Promise.all([
    readInitData(source.userData, `disk ${name}: user data`),
    readInitData(source.networkData, `disk ${name}: network data`),
    Promise.all((source.sshKeys ?? []).map(readSshKeys)),
  ]);
  const data = {
    ...(userData === undefined ? {} : { userData }),
    ...(networkData === undefined ? {} : { networkData }),
    sshKeys: sshKeys.flat(),
  };
  return writeDisk(name, cloudInitDisk(source.layout, facts, data));
}

/** The Ignition config as user data of a config drive. */
export async function prepareIgnitionDrive(
  name: string,
  plan: IgnitionPlan | undefined,
  facts: GuestFacts,
): Promise<string> {
  if (plan === undefined) throw new StartError(`disk ${name}: the plan has no Ignition config for it`);
  return writeDisk(name, configDrive(facts, { userData: Buffer.from(await readIgnition(plan)) }));
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

async function writeDisk(name: string, { label, files }: CloudInitDisk): Promise<string> {
  const iso = join(FOLDER, `${name}.iso`);
  const folder = join(FOLDER, `${name}.files`);
  const sources = new Map<string, string>();
  for (const [path, content] of files) {
    const source = join(folder, path);
    await mkdir(dirname(source), { recursive: true, mode: 0o700 });
    await writeFile(source, content, { mode: 0o600 });
    sources.set(path, source);
  }
  await createIso(iso, label, sources);
  await rm(folder, { recursive: true });
  return iso;
}
