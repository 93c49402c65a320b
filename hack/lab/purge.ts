import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { cacheDir } from "../lib/paths.ts";
import { removeState } from "./down.ts";
import type { Settings } from "./settings.ts";

/** Removes the lab's data and the cache, and names the Debian packages that bootstrap installed. */
export async function purge(settings: Settings, print: (text: string) => void): Promise<void> {
  const list = await readFile(join(cacheDir, "installed-packages"), "utf8").catch(() => "");
  await removeState(settings);
  await rm(cacheDir, { recursive: true, force: true });
  const packages = list.split("\n").filter((name) => name !== "");
  if (packages.length === 0) return;
  print(`These Debian packages were installed for the lab and are still there; remove them with
  apt-get purge --auto-remove ${packages.join(" ")}`);
}
