import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { cacheDir, repoRoot } from "../lib/paths.ts";
import { removeState } from "./down.ts";
import type { Settings } from "./settings.ts";

/** Removes the lab's data, the cache and the npm packages, and names the Debian packages that were installed. */
export async function purge(settings: Settings, print: (text: string) => void): Promise<void> {
  const list = await readFile(join(cacheDir, "installed-packages"), "utf8").catch(() => "");
  await removeState(settings);
  // The running Node lies in the second; what it needs from there is loaded.
  for (const dir of [cacheDir, join(repoRoot, "node_modules")])
    await rm(dir, { recursive: true, force: true });
  const packages = list.split("\n").filter((name) => name !== "");
  if (packages.length === 0) return;
  print(`These Debian packages were installed for the lab and are still there; remove them with
  apt-get purge --auto-remove ${packages.join(" ")}`);
}
