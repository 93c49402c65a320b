import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { FilesSource } from "../../launch-plan/launch-plan.ts";
import { StartError } from "../start-error.ts";
import { CommandError } from "../command.ts";
import { createIso } from "./iso.ts";

/** In memory: what is in a Secret is not left on a disk of the node. */
const FOLDER = "/dev/shm/nestlet";

/**
 * Makes a disk of the files of a mounted ConfigMap or Secret, and returns its file.
 * @param name of the disk
 * @throws StartError when the files do not make a disk
 */
export async function prepareFilesDisk(name: string, { folder, label }: FilesSource): Promise<string> {
  const iso = join(FOLDER, `${name}.iso`);
  await mkdir(FOLDER, { recursive: true, mode: 0o700 });
  try {
    await createIso(iso, label, await filesOf(folder));
  } catch (error) {
    if (error instanceof CommandError) throw new StartError(`disk ${name}: ${error.reason}`);
    throw error;
  }
  return iso;
}

/** The keys by their names; what begins with two dots is the kubelet's own. An empty folder stands for no files. */
export async function filesOf(folder: string): Promise<Map<string, string>> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith(".."));
  if (names.length === 0) return new Map([["/", folder]]);
  return new Map(names.map((name) => [name, join(folder, name)]));
}
