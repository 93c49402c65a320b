import { command, CommandError } from "../command.ts";
import type { DiskFormat } from "../domain/domain-spec.ts";
import { ImageRefused, judgeImage, type ImageInfo } from "./image-info.ts";

const QEMU_IMG = "/usr/bin/qemu-img";

/** Limits of a look into an untrusted image: processor seconds, address space in KiB, time in ms. */
const CPU_SECONDS = 10;
const ADDRESS_SPACE_KIB = 1024 * 1024;
const TIME_MS = 30_000;
const LIMITED = `ulimit -t ${CPU_SECONDS} -v ${ADDRESS_SPACE_KIB}; exec "$0" "$@"`;

/**
 * Looks at an image, under limits, and judges it.
 * @throws ImageRefused when it is not usable
 */
export async function inspectImage(file: string): Promise<ImageInfo> {
  return inspect(file, judgeImage);
}

/**
 * What `judge` says of an image, which is looked at under limits.
 * @throws ImageRefused when it is not usable
 */
export async function inspect<Info>(file: string, judge: (json: string) => Info): Promise<Info> {
  try {
    const args = ["-c", LIMITED, QEMU_IMG, "info", "--force-share", "--output=json", file];
    return judge(await command("/bin/sh", args, { timeoutMs: TIME_MS }));
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new ImageRefused(`cannot be read: ${error.reason}`);
  }
}

/** Makes a qcow2 file in which a guest's writes to the image go. */
export async function createOverlay(
  file: string,
  backing: { file: string; format: DiskFormat },
  bytes: number,
): Promise<void> {
  const over = ["-b", backing.file, "-F", backing.format];
  await command(QEMU_IMG, ["create", "-q", "-f", "qcow2", ...over, file, String(bytes)]);
}

/** Writes another backing file into an overlay's header, without looking at what was there. */
export async function pointOverlay(
  file: string,
  backing: { file: string; format: DiskFormat },
): Promise<void> {
  await command(QEMU_IMG, ["rebase", "-u", "-f", "qcow2", "-b", backing.file, "-F", backing.format, file]);
}

/** Makes an overlay larger; what is new reads as zeros. */
export async function growOverlay(file: string, bytes: number): Promise<void> {
  await command(QEMU_IMG, ["resize", "-q", "-f", "qcow2", file, String(bytes)]);
}
