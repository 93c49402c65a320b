import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { run, succeeds } from "../lib/exec.ts";
import type { Binaries } from "./binaries.ts";
import { binDir } from "./config.ts";
import type { Settings } from "./settings.ts";

/**
 * Takes the programs from the cache into the lab: a later build removes them from the cache while the lab
 * runs. Their folders are named by content, so that a component whose program changed is seen to be new.
 */
export async function installPrograms(settings: Settings, binaries: Binaries): Promise<Binaries> {
  const programs = join(settings.stateDir, "programs");
  const sources = new Set(Object.values(binaries).map((path) => dirname(path)));
  await Promise.all([programs, binDir(settings)].map((dir) => mkdir(dir, { recursive: true })));
  await Promise.all([...sources].map((source) => copyLinked(source, join(programs, basename(source)))));
  const installed = await Promise.all(
    Object.entries(binaries).map(async ([name, source]): Promise<[string, string]> => {
      const target = join(programs, basename(dirname(source)), name);
      await linkOver(target, join(binDir(settings), name));
      return [name, target];
    }),
  );
  await removeOthers(programs, new Set([...sources].map((source) => basename(source))));
  return Object.fromEntries(installed) as Binaries;
}

/** Hard links take no room; on another file system it has to be a copy. */
async function copyLinked(source: string, target: string): Promise<void> {
  if (existsSync(target)) return;
  const temporary = `${target}.part`;
  await rm(temporary, { recursive: true, force: true });
  if (!(await succeeds("cp", ["--archive", "--link", source, temporary]))) {
    await rm(temporary, { recursive: true, force: true });
    await run("cp", ["--archive", source, temporary]);
  }
  await rename(temporary, target);
}

async function linkOver(target: string, path: string): Promise<void> {
  const temporary = `${path}.${process.pid}`;
  await symlink(target, temporary);
  await rename(temporary, path);
}

async function removeOthers(dir: string, kept: ReadonlySet<string>): Promise<void> {
  const others = (await readdir(dir)).filter((name) => !kept.has(name));
  await Promise.all(others.map((name) => rm(join(dir, name), { recursive: true })));
}
