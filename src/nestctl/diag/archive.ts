import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { pack, type Pack } from "tar-stream";
import { isNotFound } from "../../kube/api-error.ts";
import { note } from "../frame/output.ts";

/** One file of the archive. */
export interface Part {
  /** Path below the archive's folder. */
  name: string;
  content: () => Promise<Buffer | string | undefined>;
}

/** Parts with a folder before their names. */
export function below(folder: string, parts: readonly Part[]): Part[] {
  return parts.map(({ name, content }) => ({ name: `${folder}/${name}`, content }));
}

/**
 * Writes a tar.gz that its owner alone can read; nothing is left of it when it cannot be finished.
 * @param folder that all parts are in
 * @param fill adds parts, which are fetched side by side; one that cannot be had says why in its file
 */
export async function writeArchive(
  file: string,
  folder: string,
  fill: (add: (parts: readonly Part[]) => Promise<void>) => Promise<void>,
): Promise<void> {
  const archive = pack();
  const output = createWriteStream(file, { mode: 0o600 });
  const written = pipeline(archive, createGzip(), output);
  const target: { opened?: true; error?: unknown } = {};
  output.once("open", () => (target.opened = true));
  // A folder that is not there, a disk that is full: all that is added later fails on account of it.
  written.catch((error: unknown) => (target.error = error));
  try {
    await fill(async (parts) => addParts(archive, folder, parts));
    archive.finalize();
    await written;
  } catch (error) {
    const cause = target.error ?? error;
    archive.destroy();
    await written.catch(() => undefined);
    // What could not be opened is somebody else's.
    if (target.opened === true) await rm(file, { force: true });
    throw cause;
  }
}

async function addParts(archive: Pack, folder: string, parts: readonly Part[]): Promise<void> {
  const contents = await Promise.all(
    parts.map(async (part) => ({ name: part.name, content: await had(part) })),
  );
  for (const { name, content } of contents) {
    archive.entry({ name: `${folder}/${name}`, mtime: new Date(), mode: 0o644 }, content);
  }
}

/** A part that cannot be had says so in its file: that is worth knowing, too. */
async function had({ name, content }: Part): Promise<Buffer> {
  try {
    return Buffer.from((await content()) ?? "");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (!isNotFound(error)) note(`${name}: ${why}`);
    return Buffer.from(`could not be had: ${why}\n`);
  }
}
