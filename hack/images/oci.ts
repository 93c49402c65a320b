import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { link, mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../lib/exec.ts";

/**
 * Writes OCI image layouts (image-spec v1.1).
 *
 * An image here is a few finished tar files and four small JSON documents, so it needs none of what buildah
 * brings along (a container runtime, a storage driver, some forty packages). Layers stay uncompressed, which
 * umoci cannot do: the archives go from disk to a containerd on the same machine, where inflating a guest
 * disk would cost more than copying it. A registry client compresses them when it pushes.
 */

/** A finished layer: a tar file, uncompressed or (where `diffId` is given) compressed with zstd. */
export interface Layer {
  tar: string;
  /** `sha256:…` of the file. */
  digest: string;
  /** Digest of the uncompressed tar file; absent: the same. */
  diffId?: string;
  /** In bytes. */
  size: number;
  /** What it holds, for the image's history. */
  title: string;
}

/** The part of an image's configuration that is not fixed (image-spec config.md). */
export interface ImageConfig {
  Entrypoint?: string[];
  Env?: string[];
  User?: string;
  WorkingDir?: string;
  Labels?: Record<string, string>;
}

interface Blob {
  mediaType: string;
  digest: string;
  size: number;
}

const EPOCH = "1970-01-01T00:00:00Z";

export async function describeLayer(tar: string, title: string): Promise<Layer> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(tar)) hash.update(chunk as Uint8Array);
  return { tar, digest: `sha256:${hash.digest("hex")}`, size: (await stat(tar)).size, title };
}

/** Media types, config and manifest of an image; equal layers and config give an equal digest. */
export function describeImage(
  layers: readonly Layer[],
  config: ImageConfig,
): { config: string; manifest: string } {
  const configText = JSON.stringify({
    created: EPOCH,
    architecture: "amd64",
    os: "linux",
    config,
    rootfs: { type: "layers", diff_ids: layers.map((layer) => layer.diffId ?? layer.digest) },
    history: layers.map((layer) => ({ created: EPOCH, created_by: layer.title })),
  });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: blobOf("application/vnd.oci.image.config.v1+json", configText),
    layers: layers.map(({ digest, diffId, size }) => ({
      mediaType: `application/vnd.oci.image.layer.v1.tar${diffId === undefined ? "" : "+zstd"}`,
      digest,
      size,
    })),
  });
  return { config: configText, manifest };
}

/** `sha256:…` of an image's manifest. */
export function imageDigest(layers: readonly Layer[], config: ImageConfig): string {
  return digestOf(describeImage(layers, config).manifest);
}

/** An image, and the name that it gets when it is imported. */
export interface NamedImage {
  readonly ref: string;
  readonly layers: readonly Layer[];
  readonly config: ImageConfig;
}

/** Writes `<dir>/image.tar`, an OCI layout that `ctr images import` reads; layers that images share are in it once. */
export async function writeArchive(dir: string, ...images: readonly NamedImage[]): Promise<void> {
  const layout = join(dir, "layout");
  const blobs = join(layout, "blobs/sha256");
  await mkdir(blobs, { recursive: true });
  const described = images.map(({ ref, layers, config }) => ({ ref, ...describeImage(layers, config) }));
  for (const text of described.flatMap(({ config, manifest }) => [config, manifest])) {
    await writeFile(blobPath(blobs, digestOf(text)), text);
  }
  for (const layer of uniqueLayers(images)) await link(layer.tar, blobPath(blobs, layer.digest));
  await writeFile(join(layout, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  await writeFile(join(layout, "index.json"), indexOf(described));
  await writeTar(join(dir, "image.tar"), layout, ["oci-layout", "index.json", "blobs"]);
  await run("rm", ["-r", layout]);
}

/** The layers of images, each once. */
export function uniqueLayers(images: readonly Pick<NamedImage, "layers">[]): Layer[] {
  const layers = images.flatMap((image) => image.layers);
  return [...new Map(layers.map((layer) => [layer.digest, layer])).values()];
}

function indexOf(images: readonly { ref: string; manifest: string }[]): string {
  const platform = { architecture: "amd64", os: "linux" };
  const manifests = images.map(({ ref, manifest }) => ({
    ...blobOf("application/vnd.oci.image.manifest.v1+json", manifest),
    platform,
    annotations: {
      "io.containerd.image.name": ref,
      "org.opencontainers.image.ref.name": ref.slice(ref.lastIndexOf(":") + 1),
    },
  }));
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.index.v1+json",
    manifests,
  });
}

function blobOf(mediaType: string, text: string): Blob {
  return { mediaType, digest: digestOf(text), size: Buffer.byteLength(text) };
}

function digestOf(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

function blobPath(blobs: string, digest: string): string {
  return join(blobs, digest.slice("sha256:".length));
}

/** Arguments that make GNU tar's output depend on names, modes and contents alone. */
const REPRODUCIBLE = ["--format=gnu", "--sort=name", "--mtime=@0", "--numeric-owner", "--hard-dereference"];

/** Writes members of a folder to a tar file, the same bytes for the same files; owners as on disk or given. */
export async function writeTar(
  tar: string,
  folder: string,
  members: readonly string[],
  owner?: number,
): Promise<void> {
  const owners = owner === undefined ? [] : [`--owner=${owner}`, `--group=${owner}`];
  await run("tar", [...REPRODUCIBLE, ...owners, "-C", folder, "-cf", tar, ...members]);
}
