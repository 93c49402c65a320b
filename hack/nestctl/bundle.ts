import { mkdir, writeFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { basename, join } from "node:path";
import { build, transform, type BuildOptions, type Message, type Plugin } from "esbuild";
import { repoRoot } from "../lib/paths.ts";

const CLIENT = "@kubernetes/client-node";

/**
 * The Kubernetes client is some 900 modules, of which nestctl uses those that read a kubeconfig. The rest define classes
 * and do nothing else when they are loaded, which its package.json does not say, so that they would all be kept.
 */
const onlyUsedParts: Plugin = {
  name: "only-used-parts",
  setup: (esbuild) => {
    esbuild.onResolve({ filter: /./ }, async ({ path, importer, kind, resolveDir, pluginData }) => {
      const ofClient = path === CLIENT || (path.startsWith(".") && importer.includes(CLIENT));
      if (!ofClient || pluginData === CLIENT) return undefined;
      const found = await esbuild.resolve(path, { importer, kind, resolveDir, pluginData: CLIENT });
      return { ...found, sideEffects: false };
    });
  },
};

/** What the client needs for some kubeconfigs only: proxies, login by OpenID or by a cloud's program. */
const SELDOM = ["undici", "hpagent", "socks", "socks-proxy-agent", "openid-client", "jsonpath-plus"];
const LATER = "later";
const BUILTIN = "builtin";

/**
 * Has the client load these, from files of their own, when it first uses them. A module's imports are run before it;
 * what stands in their place asks for the package when something of it is looked up.
 */
const laterParts: Plugin = {
  name: "later-parts",
  setup: (esbuild) => {
    esbuild.onResolve({ filter: /^[a-z]/ }, ({ path, importer, namespace }) =>
      SELDOM.includes(path) && namespace === "file" && importer.includes(CLIENT)
        ? { path, namespace: LATER }
        : undefined,
    );
    esbuild.onResolve({ filter: /^\.\/later\// }, ({ path, namespace }) =>
      namespace === LATER ? { path, external: true } : undefined,
    );
    esbuild.onLoad({ filter: /./, namespace: LATER }, ({ path }) => ({
      contents: lookupText(`require("./${LATER}/${path}.cjs")`),
      loader: "js",
    }));
  },
};

/**
 * Has Node's own modules asked for when something of them is first used. Where one is imported Node reads all that it
 * exports, and so loads what stands behind it: file streams, readline and workers for fs, much of it for util.
 */
const builtinsLater: Plugin = {
  name: "builtins-later",
  setup: (esbuild) => {
    esbuild.onResolve({ filter: /^[a-z]/ }, ({ path, kind }) =>
      kind === "import-statement" && isBuiltin(path) ? { path, namespace: BUILTIN } : undefined,
    );
    esbuild.onLoad({ filter: /./, namespace: BUILTIN }, ({ path }) => ({
      contents: builtinText(path),
      loader: "js",
    }));
  },
};

function builtinText(name: string): string {
  if (/^(node:)?process$/.test(name)) return "module.exports = process;";
  const module = `process.getBuiltinModule(${JSON.stringify(name)})`;
  // One that is a function or a class itself, such as events, cannot be stood in for.
  const itself = typeof process.getBuiltinModule(name) === "function";
  return itself ? `module.exports = ${module};` : lookupText(module);
}

/** A package that is CommonJS and imported later would come without its names, and nobody would be told. */
const noLatePackages: Plugin = {
  name: "no-late-packages",
  setup: (esbuild) => {
    esbuild.onResolve({ filter: /^[^.]/ }, ({ kind, path, importer }) =>
      kind === "dynamic-import" && !isBuiltin(path)
        ? {
            errors: [{ text: `${importer} imports the package ${path} later; do so by a module of our own` }],
          }
        : undefined,
    );
  },
};

/** A module whose lookups go to a prototype, since the bundler copies an object's own properties at the start. */
function lookupText(module: string): string {
  return `module.exports = Object.create(new Proxy({}, {
  get: (_, key) => (key === "__esModule" ? undefined : ${module}[key]),
}));`;
}

const COMMON = {
  minify: true,
  keepNames: true,
  platform: "node",
  target: "node24",
  legalComments: "none",
  logLevel: "silent",
} satisfies BuildOptions;

/**
 * Writes an entry point and what it imports to a folder: what is imported later is in files of its own. All of them are
 * CommonJS: Node reads ES modules with its asynchronous file system, which costs more than the files themselves.
 * @param entry without await at its top, as CommonJS has none
 * @throws Error when the bundler is in doubt about anything
 */
export async function bundleParts(entry: string, folder: string): Promise<void> {
  const bundle = { ...COMMON, absWorkingDir: repoRoot, outdir: folder, bundle: true } as const;
  // The bundler makes parts of ES modules only.
  const parts = await build({
    ...bundle,
    entryPoints: [entry],
    outExtension: { ".js": ".cjs" },
    splitting: true,
    format: "esm",
    write: false,
    plugins: [noLatePackages, builtinsLater, laterParts, onlyUsedParts],
  });
  const seldom = await build({
    ...bundle,
    entryPoints: Object.fromEntries(SELDOM.map((name) => [`${LATER}/${name}`, name])),
    outExtension: { ".js": ".cjs" },
    format: "cjs",
  });
  await mkdir(folder, { recursive: true });
  const written = await Promise.all(
    parts.outputFiles.map(async ({ path, text }) => {
      const { code, warnings } = await asCommonJs(basename(path), text);
      await writeFile(join(folder, basename(path)), code);
      return warnings;
    }),
  );
  const warnings = [...parts.warnings, ...seldom.warnings, ...written.flat()];
  if (warnings.length > 0) throw new Error(`${entry}: ${warnings.map(warningText).join("\n")}`);
}

async function asCommonJs(sourcefile: string, text: string): ReturnType<typeof transform> {
  return transform(text, {
    ...COMMON,
    sourcefile,
    format: "cjs",
    banner: '"use strict";',
    // import() of CommonJS would go the long way of ES modules.
    supported: { "dynamic-import": false },
    define: { "import.meta.dirname": "__dirname" },
  });
}

function warningText({ text, location }: Message): string {
  return location === null ? text : `${location.file}:${String(location.line)}: ${text}`;
}
