import { constants } from "node:fs";
import { access, lstat, open, rename, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { ClaimSource } from "../../launch-plan/launch-plan.ts";
import type { PreparedSource } from "../domain/domain-spec.ts";
import { StartError } from "../start-error.ts";
import { opensDirect } from "./direct.ts";
import { ImageRefused, type ImageInfo } from "./image-info.ts";
import { inspectImage } from "./qemu-img.ts";

/** The disk of a claim with a file system, as KubeVirt calls it. */
const DISK_FILE = "disk.img";
const MIB = 1024 * 1024;

/**
 * Finds the disk on a claim, or makes it where that was asked for.
 * @throws StartError naming the claim, what was found and the remedy
 */
export async function prepareClaimDisk(source: ClaimSource, readOnly: boolean): Promise<PreparedSource> {
  if (source.volumeMode === "Block") return prepareDevice(source);
  const file = await findDisk(source);
  const { format } = await inspect(source, file);
  if (!readOnly) await assertWritable(source, file);
  const direct = await opensDirect(file, readOnly ? constants.O_RDONLY : constants.O_RDWR);
  return { file, format, cache: direct ? "none" : "writethrough" };
}

/** A device is raw, whatever is on it: to probe it would let a guest choose the format of its next run. */
async function prepareDevice({ claimName, path }: ClaimSource): Promise<PreparedSource> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isBlockDevice() !== true) {
    throw refusal(claimName, `the pod has no block device ${path}; see the Events of the pod`);
  }
  return { file: path, block: true, format: "raw", cache: "none" };
}

/**
 * The disk file of a claim's folder.
 * @throws StartError when there is none and none shall be made, or it is not a regular file
 */
export async function findDisk(source: ClaimSource): Promise<string> {
  const { claimName, path, createBytes } = source;
  const file = join(path, DISK_FILE);
  const found = await lstat(file).catch((error: unknown) => {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw refusal(claimName, message);
  });
  if (found === undefined) {
    if (createBytes === undefined) throw refusal(claimName, `has no ${DISK_FILE}; ${NO_DISK_REMEDY}`);
    await createDisk(source, file, createBytes);
  } else if (!found.isFile()) {
    throw refusal(claimName, `${DISK_FILE} is not a regular file; put the disk image itself there`);
  }
  return file;
}

const NO_DISK_REMEDY =
  "copy a disk image (raw or qcow2) there under this name, " +
  "or set persistentVolumeClaim.create: true on the volume to begin with an empty disk";

/** Blocks come with the guest's writes. The name comes last, so that a start that is cut short leaves no wrong disk. */
async function createDisk({ claimName, path }: ClaimSource, file: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(path);
  const size = diskSize(bytes, bavail * bsize);
  if (size === 0) throw refusal(claimName, "has no room for a disk; take a larger claim, or empty this one");
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
    throw refusal(claimName, `an empty disk cannot be made: ${(error as Error).message}`);
  }
}

/** As large as the claim, or as its file system has room for: that keeps some of the claim for itself. */
export function diskSize(claimBytes: number, availableBytes: number): number {
  return Math.floor(Math.min(claimBytes, availableBytes) / MIB) * MIB;
}

async function inspect({ claimName }: ClaimSource, file: string): Promise<ImageInfo> {
  try {
    return await inspectImage(file);
  } catch (error) {
    if (error instanceof ImageRefused) throw refusal(claimName, `${DISK_FILE} ${error.message}`);
    throw error;
  }
}

async function assertWritable({ claimName }: ClaimSource, file: string): Promise<void> {
  try {
    await access(file, constants.W_OK);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    throw refusal(
      claimName,
      `${DISK_FILE} cannot be written (${code}); set persistentVolumeClaim.readOnly: true on the volume, ` +
        "or take a claim that may be written to",
    );
  }
}

function refusal(claimName: string, sentence: string): StartError {
  return new StartError(`claim ${claimName}: ${sentence}`);
}
