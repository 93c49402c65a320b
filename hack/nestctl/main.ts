// Builds nestctl: build/nestctl, which is a package of its own, and the file of a release.
import { chmod, copyFile, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundleParts } from "./bundle.ts";
import { run } from "../lib/exec.ts";
import { repoRoot } from "../lib/paths.ts";

/** Names that it is called by: kubectl finds plugins, and what completes their words, by such names. */
const NAMES = ["nestctl", "kubectl-nest", "kubectl_complete-nest"];

/**
 * What starts first and does next to nothing. Code that was compiled once is kept in the user's own cache, and nowhere
 * else: who can put code there has it run.
 */
const START = `#!/usr/bin/env node
"use strict";
const { HOME, XDG_CACHE_HOME = HOME && HOME + "/.cache" } = process.env;
if (XDG_CACHE_HOME) require("node:module").enableCompileCache(XDG_CACHE_HOME + "/nestctl");
require("./lib/main.cjs");
`;

/** Makes the folder of the package and gives the path of the program. */
export async function buildNestctl(folder = join(repoRoot, "build/nestctl")): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await bundleParts("src/nestctl/main.ts", join(folder, "lib"));
  for (const name of NAMES) {
    const path = join(folder, `${name}.cjs`);
    if (name === NAMES[0]) await writeFile(path, START);
    else await writeFile(path, `#!/usr/bin/env node\nrequire("./nestctl.cjs");\n`);
    await chmod(path, 0o755);
  }
  await cp(join(repoRoot, "crds"), join(folder, "lib/crds"), { recursive: true });
  await copyFile(join(repoRoot, "LICENSE"), join(folder, "LICENSE"));
  await writeFile(join(folder, "package.json"), `${JSON.stringify(await manifest(), undefined, 2)}\n`);
  return join(folder, "nestctl.cjs");
}

/** All that it needs is in the bundle. */
async function manifest(): Promise<object> {
  const { version, license, engines } = JSON.parse(
    await readFile(join(repoRoot, "package.json"), "utf8"),
  ) as Record<string, unknown>;
  return {
    name: "nestctl",
    version,
    description: "Virtual machines and nested Kubernetes clusters of Nestlet",
    license,
    engines,
    bin: Object.fromEntries(NAMES.map((name) => [name, `${name}.cjs`])),
  };
}

if (import.meta.main) {
  const program = await buildNestctl();
  const build = join(repoRoot, "build");
  await run("npm", ["pack", "--pack-destination", build, join(build, "nestctl")], { cwd: build });
  console.log(program);
}
