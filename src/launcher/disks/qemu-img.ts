import { open } from "node:fs/promises";
import { command, CommandError } from "../command.ts";
import type { DiskFormat } from "../domain/domain-spec.ts";
import { HEAD_BYTES, judgeHeader } from "./image-header.ts";
import { ImageRefused, judgeImage, type ImageInfo } from "./image-info.ts";

const QEMU_IMG = "/usr/bin/qemu-img";

/** Limits of work on an untrusted image: processor seconds, address space in KiB, time in ms. */
const CPU_SECONDS = 10;
const ADDRESS_SPACE_KIB = 1024 * 1024;
const TIME_MS = 30_000;
const LIMITED = `ulimit -t ${CPU_SECONDS}; ulimit -v ${ADDRESS_SPACE_KIB}; exec "$0" "$@"`;

/** Runs qemu-img under limits. */
async function qemuImg(...args: readonly string[]): Promise<string> {
  return command("/bin/sh", ["-c", LIMITED, QEMU_IMG, ...args], { timeoutMs: TIME_MS });
}

/**
 * Looks at an image, under limits, and judges it.
 * @throws ImageRefused when it is not usable
 */
export async function inspectImage(file: string): Promise<ImageInfo> {
  return inspect(file, judgeImage);
}

/**
 * What `judge` says of an image, which is looked at under limits. Its first bytes are judged before: qemu-img is told
 * the format, so that none of its many others is tried on the file.
 * @param mayBeOverlay a backing file in its header is no reason for refusal, and is not followed
 * @throws ImageRefused when it is not usable
 */
export async function inspect<Info>(
  file: string,
  judge: (json: string) => Info,
  mayBeOverlay = false,
): Promise<Info> {
  const format = await formatOf(file, mayBeOverlay);
  try {
    return judge(await qemuImg("info", "--force-share", "--output=json", "-f", format, file));
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new ImageRefused(`cannot be read: ${error.reason}`);
  }
}

async function formatOf(file: string, mayBeOverlay: boolean): Promise<DiskFormat> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return judgeHeader(buffer.subarray(0, bytesRead), size, mayBeOverlay);
  } finally {
    await handle.close();
  }
}

/**
 * Makes a qcow2 file in which a guest's writes to the image go.
 * @param bytes size that the guest sees; left out, the image's
 */
export async function createOverlay(
  file: string,
  backing: { file: string; format: DiskFormat },
  bytes?: number,
): Promise<void> {
  const over = ["-b", backing.file, "-F", backing.format];
  await qemuImg(
    "create",
    "-q",
    "-f",
    "qcow2",
    ...over,
    file,
    ...(bytes === undefined ? [] : [String(bytes)]),
  );
}

/** Writes another backing file into an overlay's header, without looking at what was there. */
export async function pointOverlay(
  file: string,
  backing: { file: string; format: DiskFormat },
): Promise<void> {
  await qemuImg("rebase", "-u", "-f", "qcow2", "-b", backing.file, "-F", backing.format, file);
}

/** Makes a qcow2 file larger; what is new reads as zeros. */
export async function growImage(file: string, bytes: number): Promise<void> {
  await qemuImg("resize", "-q", "-f", "qcow2", file, String(bytes));
}
