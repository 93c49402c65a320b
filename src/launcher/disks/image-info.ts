import type { DiskFormat } from "../domain/domain-spec.ts";

/** What the launcher uses of an image that it has found harmless. */
export interface ImageInfo {
  format: DiskFormat;
  /** Size that a guest sees, in bytes. */
  virtualSize: number;
}

/** Why an image is refused; the sentence lacks its subject, the file. */
export class ImageRefused extends Error {}

/** What `qemu-img info --output=json` says, as far as it is looked at. */
interface QemuImgInfo {
  format?: unknown;
  "virtual-size"?: unknown;
  "backing-filename"?: unknown;
  "full-backing-filename"?: unknown;
  "backing-filename-format"?: unknown;
  encrypted?: unknown;
  "format-specific"?: { data?: { "data-file"?: unknown; corrupt?: unknown } };
}

/** 64 TiB: above what qcow2's clusters and the guests' file systems hold. */
export const LARGEST_DISK = 64 * 1024 ** 4;

/**
 * Judges an image by what qemu-img says of it. An image is untrusted: one that refers to other files would show the
 * guest whatever the launcher can read.
 * @throws ImageRefused
 */
export function judgeImage(json: string): ImageInfo {
  const info = JSON.parse(json) as QemuImgInfo;
  refuseBacking(info);
  return usable(info);
}

/** A qcow2 file over another one. */
export interface OverlayInfo extends ImageInfo {
  /** What its header says is behind it. */
  backing: string | undefined;
  backingFormat: string | undefined;
}

/**
 * Judges an overlay that a claim has kept. What its header says is behind it is not followed: the caller puts it right.
 * @throws ImageRefused
 */
export function judgeOverlay(json: string): OverlayInfo {
  const info = JSON.parse(json) as QemuImgInfo;
  const found = usable(info);
  if (found.format !== "qcow2") {
    throw new ImageRefused(`has the format ${found.format}; an overlay is qcow2: give an empty claim`);
  }
  return {
    ...found,
    backing: textOf(info["backing-filename"]),
    backingFormat: textOf(info["backing-filename-format"]),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function usable(info: QemuImgInfo): ImageInfo {
  refuseData(info);
  const { format, "virtual-size": virtualSize } = info;
  if (format !== "raw" && format !== "qcow2") {
    throw new ImageRefused(`has the format ${String(format)}; convert it to qcow2 or raw (qemu-img convert)`);
  }
  if (typeof virtualSize !== "number" || virtualSize <= 0 || virtualSize > LARGEST_DISK) {
    throw new ImageRefused(`has a virtual size of ${String(virtualSize)} bytes, want 1 to ${LARGEST_DISK}`);
  }
  return { format, virtualSize };
}

function refuseBacking(info: QemuImgInfo): void {
  const backing = info["backing-filename"] ?? info["full-backing-filename"];
  if (backing !== undefined) {
    throw new ImageRefused(
      `has the backing file ${JSON.stringify(backing)}; flatten it (qemu-img convert -O qcow2) before it goes here`,
    );
  }
}

function refuseData(info: QemuImgInfo): void {
  const data = info["format-specific"]?.data;
  if (data?.["data-file"] !== undefined) {
    throw new ImageRefused(
      `keeps its data in another file, ${JSON.stringify(data["data-file"])}; flatten it (qemu-img convert -O qcow2)`,
    );
  }
  if (info.encrypted === true) throw new ImageRefused("is encrypted, which is not supported");
  if (data?.corrupt === true)
    throw new ImageRefused("is marked corrupt; build it again (qemu-img check shows why)");
}
