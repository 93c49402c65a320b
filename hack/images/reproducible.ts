import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { cacheDir, repoRoot } from "../lib/paths.ts";
import { builders, type ImageName } from "./images.ts";
import type { Log } from "./layers.ts";

/**
 * Builds images once more, in a cache of their own that has only the Go programs of the first, and compares the
 * archives byte by byte.
 * @returns the exit code: 1 if any differs
 */
export async function checkReproducible(names: readonly ImageName[], log: Log): Promise<number> {
  const second = join(cacheDir, "second");
  await rm(second, { recursive: true, force: true });
  await mkdir(second, { recursive: true });
  for (const shared of ["bin", "go", "toolchain"])
    await symlink(join(cacheDir, shared), join(second, shared));
  try {
    const again = await execa(process.execPath, [join(repoRoot, "hack/images/main.ts"), ...names], {
      env: { NESTLET_CACHE: second },
      stderr: "inherit",
    });
    const archives = new Map(
      again.stdout.split("\n").map((line) => [line.split("\t")[0], line.split("\t")[3]]),
    );
    const differing = [];
    for (const name of names) {
      const { archive } = await builders[name](log);
      const same = (await sha256(archive)) === (await sha256(archives.get(name) ?? ""));
      log(`${name}: ${same ? "the same" : "DIFFERENT"} when built again`);
      if (!same) differing.push(name);
    }
    return differing.length > 0 ? 1 : 0;
  } finally {
    await rm(second, { recursive: true, force: true });
  }
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest("hex");
}
