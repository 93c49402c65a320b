import { chmod, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { run } from "../lib/exec.ts";
import { repoRoot } from "../lib/paths.ts";
import type { Log } from "./layers.ts";
import { makeLayer, recipeParts } from "./layers.ts";
import type { Layer } from "./oci.ts";

const nodePackage = join(repoRoot, "node_modules/node");

/** The Node binary that the checkout pins, without its symbols (18 MB). The same layer in every image. */
export async function makeNodeLayer(log: Log): Promise<Layer> {
  const { version } = JSON.parse(await readFile(join(nodePackage, "package.json"), "utf8")) as {
    version: string;
  };
  return makeLayer(
    {
      name: "node",
      title: `Node ${version}`,
      keyParts: [version, ...(await recipeParts("hack/images/node.ts"))],
      owner: 0,
      fill: async (root) => {
        const binary = join(root, "usr/bin/node");
        await mkdir(join(root, "usr/bin"), { recursive: true });
        await run("strip", ["--strip-all", "-o", binary, join(nodePackage, "bin/node")]);
        await chmod(binary, 0o755);
      },
    },
    log,
  );
}

/** Some libraries are CommonJS and call `require`, which an ES module has not. */
const REQUIRE =
  'import{createRequire as nestletRequire}from"node:module";const require=nestletRequire(import.meta.url);';

/** One minified ES module with everything that an entry point imports. */
export async function bundle(entry: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [join(repoRoot, entry)],
    absWorkingDir: repoRoot,
    bundle: true,
    write: false,
    minify: true,
    keepNames: true,
    platform: "node",
    target: "node24",
    format: "esm",
    legalComments: "none",
    logLevel: "silent",
    banner: { js: REQUIRE },
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error(`${entry}: esbuild wrote nothing`);
  return file.contents;
}
