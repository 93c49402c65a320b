import { loadYaml } from "@kubernetes/client-node";
import { CATALOG_CONFIG_MAP } from "../../api/metadata.ts";
import { ClusterObstacle } from "../../api/conditions.ts";
import type { ClusterSpec, ClusterStatus } from "../../api/resources.ts";
import { DEFAULT_FLAVOUR, FLAVOURS, isFlavour, type Flavour } from "../../guest-config/flavour.ts";
import { ObstacleError } from "./obstacle.ts";

/** What a cluster's members boot from; stored in the status, so that a change of the catalog is for new clusters. */
export type Source = NonNullable<ClusterStatus["source"]>;

/** An image that clusters can be made of. */
interface Entry {
  /** With the image of a disk with Kubernetes, where the image itself does not hold it. */
  images: Pick<Source, "image" | "payload" | "flavour">;
  /** Kubernetes versions that they hold, newest first. */
  versions: string[];
  isDefault: boolean;
}

/** The ConfigMap as it was read. */
export interface CatalogMap {
  namespace: string;
  /** Absent when there is none. */
  data?: Record<string, string>;
}

/** Where Nestlet's own configs are for this version, an image has to read it. */
const ignitionVersion = /^3\.([3-9]|\d{2,})\.\d+$/;

/**
 * What the spec asks for. An image is an entry's name, or a reference, which has a `/`, `:` or `@`; for the reference of
 * an entry the entry tells the versions.
 * @throws ObstacleError naming the field, its value and what there is
 */
export function sourceOf({ image, version }: ClusterSpec, map: CatalogMap): Source {
  const catalog = new Catalog(map);
  if (image === undefined) {
    const [name, entry] = catalog.defaultEntry();
    return ofEntry(name, entry, version, `spec.image is left out, so that it is ${name}`);
  }
  if (!/[/:@]/.test(image)) {
    return ofEntry(image, catalog.entry(image), version, `spec.image is ${image}`);
  }
  const known = catalog.entryOfImage(image);
  if (known !== undefined) return ofEntry(...known, version, `spec.image is that of ${known[0]}`);
  if (version !== undefined) return { image, version };
  throw new ObstacleError(
    ClusterObstacle.UnknownVersion,
    `spec.version is left out, and ${catalog.words} does not tell which version of Kubernetes ${image} holds; give ` +
      "the version",
  );
}

function ofEntry(catalogEntry: string, entry: Entry, version: string | undefined, why: string): Source {
  const { versions, images } = entry;
  const [newest = ""] = versions;
  if (version === undefined) return { ...images, version: newest, catalogEntry };
  if (versions.includes(version)) return { ...images, version, catalogEntry };
  throw new ObstacleError(
    ClusterObstacle.UnknownVersion,
    `spec.version ${version} is not in the image: ${why}, which holds ${versions.join(", ")}; use one of these, or ` +
      "another image",
  );
}

/** The entries of the ConfigMap; one that is wrong is in the way of those alone that ask for it. */
class Catalog {
  readonly words: string;
  readonly #exists: boolean;
  readonly #entries: Map<string, Entry | Error>;

  constructor({ namespace, data }: CatalogMap) {
    this.words = `the catalog (ConfigMap ${namespace}/${CATALOG_CONFIG_MAP})`;
    this.#exists = data !== undefined;
    this.#entries = new Map(Object.entries(data ?? {}).map(([name, text]) => [name, entryIn(text)]));
  }

  entry(name: string): Entry {
    const entry = this.#entries.get(name);
    if (entry instanceof Error) throw this.#invalid(name, entry);
    if (entry !== undefined) return entry;
    throw new ObstacleError(
      ClusterObstacle.UnknownImage,
      `spec.image ${name} is not in ${this.words}, ${this.#contents()}; use one of its names, or the reference of an ` +
        "image, such as registry.example/coreos:1",
    );
  }

  entryOfImage(image: string): [string, Entry] | undefined {
    for (const [name, entry] of this.#entries) {
      if (!(entry instanceof Error) && entry.images.image === image) return [name, entry];
    }
    return undefined;
  }

  defaultEntry(): [string, Entry] {
    const defaults = [...this.#entries].filter(([, entry]) => !(entry instanceof Error) && entry.isDefault);
    const [first, second] = defaults;
    if (first !== undefined && second === undefined) return [first[0], this.entry(first[0])];
    const what =
      first === undefined || second === undefined
        ? `no entry of ${this.words} that can be used says "default: true"; it ${this.#faults()}`
        : `${first[0]} and ${second[0]} of ${this.words} both say "default: true"`;
    throw new ObstacleError(
      ClusterObstacle.UnknownImage,
      `spec.image is left out, and ${what}; give the image, or correct the catalog`,
    );
  }

  #contents(): string {
    if (!this.#exists) return "which does not exist";
    return this.#entries.size === 0
      ? "which is empty"
      : `which has ${[...this.#entries.keys()].sort().join(", ")}`;
  }

  #faults(): string {
    const faults = [...this.#entries].flatMap(([name, entry]) =>
      entry instanceof Error ? [`entry ${name}: ${entry.message}`] : [],
    );
    return faults.length === 0 ? this.#contents().replace(/^which /, "") : `has faults: ${faults.join("; ")}`;
  }

  #invalid(name: string, { message }: Error): ObstacleError {
    return new ObstacleError(
      ClusterObstacle.InvalidCatalog,
      `spec.image ${name}: its entry in ${this.words} cannot be used: ${message}`,
    );
  }
}

/** An entry, or what is wrong with it. */
function entryIn(text: string): Entry | Error {
  try {
    return entryOf(loadYaml(text));
  } catch (error) {
    const [line = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    return new Error(line, { cause: error });
  }
}

function entryOf(document: unknown): Entry {
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    throw new Error("it is not a mapping; write image and versions");
  }
  const { image, payload, versions, ignition, default: isDefault = false, ...unknown } = document as Fields;
  const [first] = Object.keys(unknown);
  if (first !== undefined) {
    throw new Error(`${first} is not known; use image, payload, versions, ignition and default`);
  }
  if (typeof isDefault !== "boolean") throw new Error(`default is ${shown(isDefault)}; use true or false`);
  const flavour = flavourOf(ignition);
  return {
    images: {
      image: referenceOf("image", image),
      ...(payload === undefined ? {} : { payload: referenceOf("payload", payload) }),
      ...(flavour === DEFAULT_FLAVOUR ? {} : { flavour }),
    },
    versions: versionsOf(versions),
    isDefault,
  };
}

function referenceOf(field: string, reference: unknown): string {
  if (typeof reference === "string" && /[/:@]/.test(reference)) return reference;
  throw new Error(
    `${field} is ${shown(reference)}; give the reference of an image, such as registry.example/coreos:1`,
  );
}

type Fields = Record<string, unknown>;

function versionsOf(versions: unknown): string[] {
  const list: unknown[] = Array.isArray(versions) ? versions : [];
  const texts = list.filter((one) => typeof one === "string" && /^v1\.\d+\.\d+$/.test(one)) as string[];
  if (list.length === 0 || texts.length < list.length) {
    throw new Error(`versions is ${shown(versions)}; give a list such as [v1.36.3]`);
  }
  return texts.sort(newestFirst);
}

function newestFirst(one: string, other: string): number {
  const [, minor = 0, patch = 0] = one.split(".").map(Number);
  const [, otherMinor = 0, otherPatch = 0] = other.split(".").map(Number);
  return otherMinor - minor || otherPatch - patch;
}

/** @throws Error for a system that Nestlet writes no config for, or that reads none of its version */
function flavourOf(ignition: unknown): Flavour {
  const { flavour = DEFAULT_FLAVOUR, version = "3.3.0", ...unknown } = (ignition ?? {}) as Fields;
  const [first] = Object.keys(unknown);
  if (typeof ignition === "string" || first !== undefined) {
    throw new Error(
      `ignition is ${shown(ignition)}; give flavour and version, such as {flavour: flatcar, version: 3.3.0}`,
    );
  }
  if (!isFlavour(flavour)) {
    throw new Error(`ignition.flavour is ${shown(flavour)}; use ${FLAVOURS.join(", ")}`);
  }
  if (typeof version !== "string" || !ignitionVersion.test(version)) {
    throw new Error(
      `ignition.version is ${shown(version)}; the image has to read 3.3.0 or newer, but not 2.x`,
    );
  }
  return flavour;
}

function shown(value: unknown): string {
  return value === undefined ? "missing" : JSON.stringify(value);
}
