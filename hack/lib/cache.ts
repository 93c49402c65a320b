import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
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

/** Builds of this process that are under way, by target: who comes second waits for the first. */
const underWay = new Map<string, Promise<string>>();

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
  const target = join(cacheDir, kind, `${name}-${key}`);
  if (existsSync(target)) return target;
  const started = underWay.get(target) ?? fill(target, build).finally(() => underWay.delete(target));
  underWay.set(target, started);
  await started;
  await removeStale(join(cacheDir, kind), name, `${name}-${key}`);
  return target;
}

async function fill(target: string, build: (dir: string) => Promise<void>): Promise<string> {
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}`);
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  try {
    await build(temporary);
    // Another process may have been faster; its result is as good.
    await rename(temporary, target).catch((error: unknown) => {
      if (!existsSync(target)) throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return target;
}

/** Removes older results of a name, and what builds left that were killed. */
async function removeStale(parent: string, name: string, current: string): Promise<void> {
  const result = new RegExp(`^${RegExp.escape(name)}-[0-9a-f]{16}$`);
  const unfinished = new RegExp(`^\\.${RegExp.escape(name)}-[0-9a-f]{16}\\.(\\d+)$`);
  for (const other of await readdir(parent)) {
    const builder = unfinished.exec(other)?.[1];
    const dead = builder !== undefined && !existsSync(`/proc/${builder}`);
    const stale = result.test(other) && other !== current;
    if (dead || stale) await rm(join(parent, other), { recursive: true, force: true });
  }
}
