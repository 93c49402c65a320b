import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { cacheDir } from "./paths.ts";

/** A stable hash of the parts; equal parts give an equal key on every machine. */
export function contentKey(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) {
    hash.update(String(part.length)).update("\0").update(part).update("\0");
  }
  return hash.digest("hex").slice(0, 16);
}

/** The content of a file or of every file below a folder (names included), as parts for contentKey. */
export async function contentOf(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [await readFile(path, "utf8")];
  const names = (await readdir(path)).sort();
  const parts = await Promise.all(names.map(async (name) => [name, ...(await contentOf(join(path, name)))]));
  return parts.flat();
}

/**
 * Returns the folder `<cache>/<kind>/<name>-<key>`, calling `build` to fill it when it is not there yet.
 * The folder appears whole or not at all: `build` works in a temporary sibling that is renamed at the end.
 * Older results of the same name are removed, so that the cache holds one version of each thing.
 */
export async function cached(
  kind: string,
  name: string,
  key: string,
  build: (dir: string) => Promise<void>,
): Promise<string> {
  const parent = join(cacheDir, kind);
  const target = join(parent, `${name}-${key}`);
  if (existsSync(target)) return target;
  await mkdir(parent, { recursive: true });
  const temporary = join(parent, `.${name}-${key}.${process.pid}`);
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary);
  try {
    await build(temporary);
    await rename(temporary, target);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  for (const other of await readdir(parent)) {
    const stale =
      new RegExp(`^${RegExp.escape(name)}-[0-9a-f]{16}$`).test(other) && other !== `${name}-${key}`;
    if (stale) await rm(join(parent, other), { recursive: true, force: true });
  }
  return target;
}
