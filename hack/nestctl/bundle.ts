import { isBuiltin } from "node:module";
import { build, type Message, type Plugin } from "esbuild";
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

/** What the client needs for some kubeconfigs only: proxies, login by OpenID or by a cloud's program. */
const SELDOM = /^(undici|hpagent|socks|socks-proxy-agent|openid-client|jsonpath-plus)$/;
const LATER = "later";

/**
 * Has the client load these when it first uses them. A module's imports are run before it; what stands in their place
 * asks for the package when something of it is looked up.
 */
const laterParts: Plugin = {
  name: "later-parts",
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: SELDOM }, ({ path, importer, resolveDir, namespace }) =>
      namespace === "file" && importer.includes(CLIENT)
        ? { path, namespace: LATER, pluginData: resolveDir }
        : undefined,
    );
    onLoad({ filter: /./, namespace: LATER }, ({ path, pluginData }) => ({
      contents: laterText(path),
      loader: "js",
      resolveDir: pluginData as string,
    }));
  },
};

/** A package that is CommonJS and imported later would come without its names, and nobody would be told. */
const noLatePackages: Plugin = {
  name: "no-late-packages",
  setup: ({ onResolve }) => {
    onResolve({ filter: /^[^.]/ }, ({ kind, path, importer }) =>
      kind === "dynamic-import" && !isBuiltin(path)
        ? {
            errors: [{ text: `${importer} imports the package ${path} later; do so by a module of our own` }],
          }
        : undefined,
    );
  },
};

/** Its lookups go to a prototype, since the bundler copies an object's own properties at the start. */
function laterText(name: string): string {
  return `module.exports = Object.create(new Proxy({}, {
  get: (_, key) => (key === "__esModule" ? undefined : require(${JSON.stringify(name)})[key]),
}));`;
}

/**
 * Writes an entry point and what it imports to a folder: what is imported later is in files of its own.
 * @throws Error when the bundler is in doubt about anything
 */
export async function bundleParts(entry: string, folder: string): Promise<void> {
  const { warnings } = await build({
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
    plugins: [noLatePackages, laterParts, onlyUsedParts],
  });
  if (warnings.length > 0) throw new Error(`${entry}: ${warnings.map(warningText).join("\n")}`);
}

function warningText({ text, location }: Message): string {
  return location === null ? text : `${location.file}:${String(location.line)}: ${text}`;
}
