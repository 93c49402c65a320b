import { lstat, open, readFile, rename, stat } from "node:fs/promises";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { join } from "node:path";
import type { KeptOverlay } from "../../launch-plan/launch-plan.ts";
import type { DiskFormat } from "../domain/domain-spec.ts";
import { StartError } from "../start-error.ts";
import { ImageRefused, judgeOverlay, type OverlayInfo } from "./image-info.ts";
import { createOverlay, growImage, inspect, pointOverlay } from "./qemu-img.ts";

/** The guest's writes, and what they were made over. */
const OVERLAY_FILE = "overlay.qcow2";
const RECORD_FILE = "overlay.json";

/** The disk of an image that an overlay goes over. */
export interface Base {
  /** The image's reference, for messages. */
  image: string;
  file: string;
  format: DiskFormat;
}

/** What tells one base from another. Inode and time of change only save the reading of a file that is known. */
interface BaseRecord {
  image: string;
  bytes: number;
  sha256: string;
  inode: string;
  /** Nanoseconds since 1970, as no archive can set them. */
  changed: string;
}

/**
 * The overlay on a claim: the one of the run before, or a new one. Blocks that the guest has not written come from the
 * base, so over another base the disk would be neither the old one nor the new one.
 * @param bytes size that the guest sees at least
 * @throws StartError when the overlay was made over another base, or is not usable
 */
export async function keptOverlay(
  { claimName, path }: KeptOverlay,
  base: Base,
  bytes: number,
): Promise<string> {
  const file = join(path, OVERLAY_FILE);
  try {
    const record = await readRecord(join(path, RECORD_FILE));
    if (!(await isThere(file))) {
      await writeRecord(join(path, RECORD_FILE), await recordOf(base));
      await createOverlay(`${file}.unfinished`, base, bytes);
      await rename(`${file}.unfinished`, file);
      return file;
    }
    await assertSameBase(record, base, join(path, RECORD_FILE));
    await fitOverlay(file, base, bytes);
    return file;
  } catch (error) {
    if (error instanceof ImageRefused) throw refusal(claimName, error.message);
    throw error;
  }
}

async function isThere(file: string): Promise<boolean> {
  const found = await lstat(file).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  });
  if (found?.isFile() === false) throw new ImageRefused("is not a regular file; give an empty claim");
  return found !== undefined;
}

async function readRecord(file: string): Promise<BaseRecord | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as BaseRecord;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new ImageRefused(`has a record ${RECORD_FILE} that cannot be read: ${(error as Error).message}`);
  }
}

/** On the disk before the overlay is: an overlay without its record could never be used again. */
async function writeRecord(file: string, record: BaseRecord): Promise<void> {
  const handle = await open(`${file}.unfinished`, "w", 0o600);
  try {
    await handle.writeFile(JSON.stringify(record));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.unfinished`, file);
}

async function recordOf(base: Base): Promise<BaseRecord> {
  return { image: base.image, ...(await marksOf(base.file)), sha256: await digestOf(base.file) };
}

async function marksOf(file: string): Promise<Pick<BaseRecord, "bytes" | "inode" | "changed">> {
  const { size, ino, ctimeNs } = await stat(file, { bigint: true });
  return { bytes: Number(size), inode: String(ino), changed: String(ctimeNs) };
}

/** SHA-256 of a file. `node:crypto` takes 16 ms to load, so only those wait for it who need it. */
async function digestOf(file: string): Promise<string> {
  const { createHash } = await import("node:crypto");
  const hash = createHash("sha256");
  await pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest("hex");
}

async function assertSameBase(record: BaseRecord | undefined, base: Base, file: string): Promise<void> {
  if (record === undefined) {
    throw new ImageRefused(
      `has no record ${RECORD_FILE} of the image that it was made over; restore it, or give an empty claim`,
    );
  }
  const marks = await marksOf(base.file);
  if (marks.bytes === record.bytes && marks.inode === record.inode && marks.changed === record.changed)
    return;
  const sha256 = marks.bytes === record.bytes ? await digestOf(base.file) : "";
  if (sha256 !== record.sha256) throw new ImageRefused(otherBase(record, base, marks.bytes));
  await writeRecord(file, { image: base.image, ...marks, sha256 });
}

function otherBase(record: BaseRecord, base: Base, bytes: number): string {
  const same = record.image === base.image ? "what that name stood for then" : record.image;
  return (
    `holds what was written over the disk of image ${record.image} (${record.bytes} bytes, sha256 ` +
    `${record.sha256.slice(0, 16)}…), and the disk of ${base.image} is another one (${bytes} bytes): take ${same} ` +
    "again, or give an empty claim, which begins anew"
  );
}

async function fitOverlay(file: string, base: Base, bytes: number): Promise<void> {
  const info: OverlayInfo = await inspect(file, judgeOverlay, true);
  if (info.backing !== base.file || info.backingFormat !== base.format) await pointOverlay(file, base);
  if (info.virtualSize < bytes) await growImage(file, bytes);
}

function refusal(claimName: string, sentence: string): StartError {
  return new StartError(`claim ${claimName}: ${OVERLAY_FILE} ${sentence}`);
}
