import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { CloudInitSource, IgnitionPlan } from "../../launch-plan/launch-plan.ts";
import { createIso } from "../disks/iso.ts";
import type { CloudInitDisk, GuestFacts } from "./cloud-init.ts";
import { cloudInitFiles, ignitionFiles, INIT_FILES_DIR, writeFiles } from "./init-files.ts";

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
  return writeDisk(name, await cloudInitFiles(`disk ${name}`, source, facts));
}

/** The Ignition config as user data of a config drive. */
export async function prepareIgnitionDrive(
  name: string,
  plan: IgnitionPlan | undefined,
  facts: GuestFacts,
): Promise<string> {
  return writeDisk(name, await ignitionFiles(`disk ${name}`, plan, facts));
}

async function writeDisk(name: string, { label, files }: CloudInitDisk): Promise<string> {
  const iso = join(INIT_FILES_DIR, `${name}.iso`);
  const folder = join(INIT_FILES_DIR, `${name}.files`);
  await createIso(iso, label, await writeFiles(folder, files));
  await rm(folder, { recursive: true });
  return iso;
}
