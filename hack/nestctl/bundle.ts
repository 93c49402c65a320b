import { build, type Plugin } from "esbuild";
import { REQUIRE } from "../images/node.ts";
import { repoRoot } from "../lib/paths.ts";

const CLIENT = "@kubernetes/client-node";

/**
 * The Kubernetes client is some 900 modules, of which nestctl uses those that read a kubeconfig. The rest define classes
 * and do nothing else when they are loaded, which its package.json does not say, so that they would all be kept.
 */
const onlyUsedParts: Plugin = {
  name: "only-used-parts",
  setup: ({ onResolve, resolve }) => {
    onResolve({ filter: /./ }, async ({ path, importer, kind, resolveDir, pluginData }) => {
      const ofClient = path === CLIENT || (path.startsWith(".") && importer.includes(CLIENT));
      if (!ofClient || pluginData === CLIENT) return undefined;
      const found = await resolve(path, { importer, kind, resolveDir, pluginData: CLIENT });
      return { ...found, sideEffects: false };
    });
  },
};

/** Writes an entry point and what it imports to a folder: what is imported later is in files of its own. */
export async function bundleParts(entry: string, folder: string): Promise<void> {
  await build({
    entryPoints: [entry],
    absWorkingDir: repoRoot,
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    minify: true,
    keepNames: true,
    platform: "node",
    target: "node24",
    format: "esm",
    legalComments: "none",
    logLevel: "silent",
    banner: { js: REQUIRE },
    plugins: [onlyUsedParts],
  });
}
