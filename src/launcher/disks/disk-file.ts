import { constants } from "node:fs";
import { access, lstat, open, rename, stat, statfs, truncate } from "node:fs/promises";
import { dirname } from "node:path";
import type { PreparedSource } from "../domain/domain-spec.ts";
import { StartError } from "../start-error.ts";
import { opensDirect } from "./direct.ts";
import { ImageRefused, type ImageInfo } from "./image-info.ts";
import { growImage, inspectImage } from "./qemu-img.ts";

const MIB = 1024 * 1024;

/** A disk that is a file somewhere in the pod. */
export interface DiskFile {
  file: string;
  /** What it is, for messages: `claim data: disk.img`. */
  subject: string;
  /** What to do where the file is missing, and where it cannot be written. */
  remedies: { missing: string; unwritable: string };
  /** Size in bytes of the disk that is made where there is none, and that a smaller one grows to. */
  createBytes?: number;
}

/**
 * Finds the disk, or makes it where that was asked for, and looks into it.
 * @throws StartError saying what was found and the remedy
 */
export async function prepareDiskFile(disk: DiskFile, readOnly: boolean): Promise<PreparedSource> {
  const { file } = disk;
  await findDiskFile(disk);
  const info = await inspectDiskFile(disk);
  if (!readOnly) {
    await assertWritable(disk);
    await growToFit(disk, info);
  }
  const direct = await opensDirect(file, readOnly ? constants.O_RDONLY : constants.O_RDWR);
  return { file, format: info.format, cache: direct ? "none" : "writethrough" };
}

/** @throws StartError when there is none and none shall be made, or it is not a regular file */
export async function findDiskFile(disk: DiskFile): Promise<void> {
  const found = await lstat(disk.file).catch((error: unknown) => {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw refusal(disk, message);
  });
  if (found === undefined) {
    if (disk.createBytes === undefined) throw refusal(disk, `is not there; ${disk.remedies.missing}`);
    await createDisk(disk, disk.createBytes);
  } else if (!found.isFile()) {
    throw refusal(disk, "is not a regular file; put the disk image itself there");
  }
}

/** @throws StartError when the image is not usable */
export async function inspectDiskFile(disk: DiskFile): Promise<ImageInfo> {
  try {
    return await inspectImage(disk.file);
  } catch (error) {
    if (error instanceof ImageRefused) throw refusal(disk, error.message);
    throw error;
  }
}

/** Blocks come with the guest's writes. The name comes last, so that a start that is cut short leaves no wrong disk. */
async function createDisk(disk: DiskFile, bytes: number): Promise<void> {
  const { file } = disk;
  const size = diskSize(bytes, await availableBytes(file));
  if (size === 0) throw refusal(disk, "has no room to be made; take a larger one, or empty this one");
  const unfinished = `${file}.unfinished`;
  try {
    const handle = await open(unfinished, "w", 0o600);
    try {
      await handle.truncate(size);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, file);
  } catch (error) {
    throw refusal(disk, `cannot be made: ${(error as Error).message}`);
  }
}

/** As the claim was made larger, so is its disk; it never shrinks. */
async function growToFit(disk: DiskFile, { format, virtualSize }: ImageInfo): Promise<void> {
  const { file, createBytes } = disk;
  if (createBytes === undefined) return;
  const { blocks } = await stat(file);
  const bytes = diskSize(createBytes, (await availableBytes(file)) + blocks * 512);
  if (bytes <= virtualSize) return;
  if (format === "raw") await truncate(file, bytes);
  else await growImage(file, bytes);
}

async function availableBytes(file: string): Promise<number> {
  const { bavail, bsize } = await statfs(dirname(file));
  return bavail * bsize;
}

/** As large as the claim, or as its file system has room for: that keeps some of the claim for itself. */
export function diskSize(claimBytes: number, availableBytes: number): number {
  return Math.floor(Math.min(claimBytes, availableBytes) / MIB) * MIB;
}

async function assertWritable(disk: DiskFile): Promise<void> {
  try {
    await access(disk.file, constants.W_OK);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    throw refusal(disk, `cannot be written (${code}); ${disk.remedies.unwritable}`);
  }
}

function refusal({ subject }: DiskFile, sentence: string): StartError {
  return new StartError(`${subject} ${sentence}`);
}
