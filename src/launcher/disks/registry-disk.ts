import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import type { RegistryDiskSource } from "../../launch-plan/launch-plan.ts";
import { StartError } from "../start-error.ts";
import { fileOfImage } from "./image-file.ts";
import { ImageRefused, type ImageInfo } from "./image-info.ts";
import { inspectImage } from "./qemu-img.ts";

const DISK_FOLDER = "/disk";

/**
 * Finds the disk file of a mounted image and looks into it.
 * @throws StartError naming the image, what was found and the remedy
 */
export async function openRegistryDisk(source: RegistryDiskSource): Promise<ImageInfo & { file: string }> {
  const file = await findDiskFile(source);
  try {
    return { file, ...(await inspectImage(file)) };
  } catch (error) {
    if (error instanceof ImageRefused) throw refusal(source.image, `${basename(file)} ${error.message}`);
    throw error;
  }
}

/**
 * Where the disk file is: at the path that was asked for, or the only one under /disk.
 * @throws StartError when there is none, there are several, or a symbolic link leads out of the image
 */
export async function findDiskFile(source: RegistryDiskSource): Promise<string> {
  const { image, mountPath, path } = source;
  return fileOfImage(
    `registry disk ${image}`,
    mountPath,
    path ?? onlyFile(image, await listDiskFolder(source)),
  );
}

async function listDiskFolder({ image, mountPath }: RegistryDiskSource): Promise<string[]> {
  try {
    return await readdir(join(mountPath, DISK_FOLDER));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "ENOTDIR") throw refusal(image, message);
    throw refusal(image, "has no folder /disk; a registry disk is an image with one disk file under /disk");
  }
}

/** @throws StartError unless there is exactly one */
export function onlyFile(image: string, names: readonly string[]): string {
  const [name] = names;
  if (names.length === 1 && name !== undefined) return `${DISK_FOLDER}/${name}`;
  if (name === undefined) throw refusal(image, "has an empty folder /disk; put one disk file into it");
  const shown = [...names].sort().slice(0, 5).join(", ");
  throw refusal(image, `has ${names.length} files in /disk (${shown}); leave one, or name it by path`);
}

function refusal(image: string, sentence: string): StartError {
  return new StartError(`registry disk ${image}: ${sentence}`);
}
