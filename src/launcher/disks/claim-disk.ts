import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { ClaimSource, EphemeralClaimSource } from "../../launch-plan/launch-plan.ts";
import type { PreparedSource } from "../domain/domain-spec.ts";
import { StartError } from "../start-error.ts";
import { findDiskFile, inspectDiskFile, prepareDiskFile, type DiskFile } from "./disk-file.ts";

/** The disk of a claim with a file system, as KubeVirt calls it. */
const DISK_FILE = "disk.img";

/**
 * Finds the disk on a claim, or makes it where that was asked for.
 * @throws StartError naming the claim, what was found and the remedy
 */
export async function prepareClaimDisk(source: ClaimSource, readOnly: boolean): Promise<PreparedSource> {
  if (source.volumeMode === "Filesystem") return prepareDiskFile(diskFileOf(source), readOnly);
  return { file: await findDevice(source), block: true, format: "raw", cache: "none" };
}

/**
 * The disk on a claim that is only read.
 * @throws StartError naming the claim, what was found and the remedy
 */
export async function findClaimBase(
  source: EphemeralClaimSource,
): Promise<NonNullable<PreparedSource["backing"]>> {
  if (source.volumeMode === "Block") return { file: await findDevice(source), block: true, format: "raw" };
  const disk = diskFileOf(source);
  await findDiskFile(disk);
  const { format } = await inspectDiskFile(disk);
  return { file: disk.file, format };
}

/** A claim's file, and what is said where something is wrong with it. */
export function diskFileOf(source: ClaimSource | EphemeralClaimSource): DiskFile {
  const created = source.kind === "PersistentVolumeClaim";
  return {
    file: join(source.path, DISK_FILE),
    subject: `claim ${source.claimName}: ${DISK_FILE}`,
    remedies: {
      missing:
        "copy a disk image (raw or qcow2) to the claim under this name" +
        (created
          ? ", or set persistentVolumeClaim.create: true on the volume to begin with an empty disk"
          : ""),
      unwritable:
        "set persistentVolumeClaim.readOnly: true on the volume, or take a claim that may be written to",
    },
    ...(created && source.createBytes !== undefined ? { createBytes: source.createBytes } : {}),
  };
}

/** A device is raw, whatever is on it: to probe it would let a guest choose the format of its next run. */
async function findDevice({ claimName, path }: ClaimSource | EphemeralClaimSource): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isBlockDevice() === true) return path;
  throw new StartError(`claim ${claimName}: the pod has no block device ${path}; see the Events of the pod`);
}
