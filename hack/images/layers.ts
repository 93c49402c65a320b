import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cached, contentKey, contentOf } from "../lib/cache.ts";
import { repoRoot } from "../lib/paths.ts";
import type { ImageConfig, Layer } from "./oci.ts";
import { describeLayer, imageDigest, writeArchive, writeTar } from "./oci.ts";

/** Told what is being built, a line at a time. */
export type Log = (line: string) => void;

/** An image that `ctr images import` reads. */
export interface BuiltImage {
  ref: string;
  /** OCI layout in a tar file. */
  archive: string;
}

/** Where the inputs of an image that are not code lie. */
export const recipesDir = join(repoRoot, "deploy/images");

/** The content of files and folders of the checkout, as parts of a key; what does not exist counts as empty. */
export async function recipeParts(...paths: readonly string[]): Promise<string[]> {
  const existing = paths.map((path) => join(repoRoot, path)).filter((path) => existsSync(path));
  return (await Promise.all(existing.map(async (path) => contentOf(path)))).flat();
}

export interface LayerRecipe {
  /** Name in the cache. */
  name: string;
  /** What it holds, for the image's history. */
  title: string;
  /** Whatever the content depends on. */
  keyParts: readonly (string | Uint8Array)[];
  /** Owner of all files; absent: as built. */
  owner?: number;
  /** Fills the layer's root, an empty folder. `scratch` is for what is not to be in the layer. */
  fill: (root: string, scratch: string) => Promise<void>;
}

/** Builds a layer, or finds it in the cache. */
export async function makeLayer(recipe: LayerRecipe, log: Log): Promise<Layer> {
  const key = contentKey(...recipe.keyParts);
  const dir = await cached("layers", recipe.name, key, async (work) => {
    log(`${recipe.name}: building (${recipe.title})`);
    const [root, scratch] = [join(work, "root"), join(work, "scratch")];
    await mkdir(root);
    await mkdir(scratch);
    await recipe.fill(root, scratch);
    await writeTar(join(work, "layer.tar"), root, ["."], recipe.owner);
    await rm(root, { recursive: true });
    await rm(scratch, { recursive: true });
    const layer = await describeLayer(join(work, "layer.tar"), recipe.title);
    await writeFile(join(work, "layer.json"), JSON.stringify(layer));
    log(`${recipe.name}: ${megabytes(layer.size)}`);
  });
  const stored = JSON.parse(await readFile(join(dir, "layer.json"), "utf8")) as Layer;
  return { ...stored, tar: join(dir, "layer.tar") };
}

/** Joins layers to an archive, or finds it in the cache; without a tag the image is tagged by its content. */
export async function makeImage(
  repository: string,
  tag: string | undefined,
  layers: readonly Layer[],
  config: ImageConfig,
): Promise<BuiltImage> {
  const digest = imageDigest(layers, config);
  const ref = `${repository}:${tag ?? digest.slice("sha256:".length).slice(0, 16)}`;
  const name = repository.slice(repository.lastIndexOf("/") + 1);
  const dir = await cached("images", name, contentKey(ref, digest), async (work) =>
    writeArchive(work, { ref, layers, config }),
  );
  return { ref, archive: join(dir, "image.tar") };
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Writes a file below a layer's root, making its folders. */
export async function put(root: string, path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
}
