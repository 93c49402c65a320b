import { loadYaml } from "@kubernetes/client-node";
import { CATALOG_CONFIG_MAP, DEFAULT_IMAGE_ANNOTATION } from "../../api/metadata.ts";
import { ClusterObstacle } from "../../api/conditions.ts";
import type { ClusterSpec, ClusterStatus } from "../../api/resources.ts";
import {
  catalogEntryOf,
  type CatalogEntry as Entry,
  type CatalogRule,
} from "../../guest-config/catalog-entry.ts";
import { ObstacleError } from "./obstacle.ts";

/** What a cluster's members boot from; stored in the status, so that a change of the catalog is for new clusters. */
export type Source = NonNullable<ClusterStatus["source"]>;

/** The ConfigMap as it was read. */
export interface CatalogMap {
  namespace: string;
  /** Absent when there is none. */
  data?: Record<string, string>;
  annotations?: Record<string, string>;
}

/**
 * What the spec asks for. An image is an entry's name, a name that an entry's pattern fits, or a reference, which has a
 * `/`, `:` or `@`; for the reference of an entry the entry tells the versions.
 * @throws ObstacleError naming the field, its value and what there is
 */
export function sourceOf({ image, version }: ClusterSpec, map: CatalogMap): Source {
  const catalog = new Catalog(map);
  if (image === undefined) {
    const [name, entry] = catalog.defaultEntry();
    return ofEntry(name, entry, version, `spec.image is left out, so that it is ${name}`);
  }
  if (!/[/:@]/.test(image)) {
    const [name, entry] = catalog.entry(image);
    return ofEntry(name, entry, version, `spec.image is ${image}`);
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
  readonly #default: string | undefined;
  readonly #exists: boolean;
  readonly #entries: Map<string, Entry | Error>;

  constructor({ namespace, data, annotations }: CatalogMap) {
    this.#default = annotations?.[DEFAULT_IMAGE_ANNOTATION];
    this.words = `the catalog (ConfigMap ${namespace}/${CATALOG_CONFIG_MAP})`;
    this.#exists = data !== undefined;
    this.#entries = new Map(Object.entries(data ?? {}).map(([name, text]) => [name, entryIn(text)]));
  }

  /**
   * An entry of this name comes before patterns, and of these the first by its own name.
   * @param asked where the name comes from, for messages
   */
  entry(name: string, asked = `spec.image ${name}`): [string, Entry] {
    const entry = this.#entries.get(name);
    if (entry instanceof Error) throw this.#invalid(asked, entry);
    if (entry !== undefined && entry.rule === undefined) return [name, entry];
    for (const [key, rule] of this.#rules()) {
      try {
        const found = rule.entryOf(name);
        if (found !== undefined) return [key, found];
      } catch (error) {
        throw this.#invalid(asked, error instanceof Error ? error : new Error(String(error)), key);
      }
    }
    throw new ObstacleError(
      ClusterObstacle.UnknownImage,
      `${asked} is not in ${this.words}, ${this.#contents()}; use one of its names, or the reference of an ` +
        "image, such as registry.example/coreos:1",
    );
  }

  entryOfImage(image: string): [string, Entry] | undefined {
    for (const [name, entry] of this.#entries) {
      if (entry instanceof Error || entry.rule !== undefined) continue;
      if (entry.images.image === image) return [name, entry];
    }
    return undefined;
  }

  /** The annotation's; without one that of the one entry which says that it is. */
  defaultEntry(): [string, Entry] {
    if (this.#default !== undefined) {
      const name = this.#default;
      return this.entry(
        name,
        `spec.image is left out, and its default ${name} (annotation ${DEFAULT_IMAGE_ANNOTATION})`,
      );
    }
    const defaults = [...this.#entries].filter(([, entry]) => !(entry instanceof Error) && entry.isDefault);
    const [first, second] = defaults;
    if (first !== undefined && second === undefined) return this.entry(first[0]);
    const what =
      first === undefined || second === undefined
        ? `no entry of ${this.words} that can be used says "default: true"; it ${this.#faults()}`
        : `${first[0]} and ${second[0]} of ${this.words} both say "default: true", and the annotation ${DEFAULT_IMAGE_ANNOTATION} names neither`;
    throw new ObstacleError(
      ClusterObstacle.UnknownImage,
      `spec.image is left out, and ${what}; give the image, or correct the catalog`,
    );
  }

  #rules(): [string, CatalogRule][] {
    const rules = [...this.#entries].flatMap(([name, entry]): [string, CatalogRule][] =>
      entry instanceof Error || entry.rule === undefined ? [] : [[name, entry.rule]],
    );
    return rules.sort(([one], [other]) => (one < other ? -1 : 1));
  }

  #contents(): string {
    if (!this.#exists) return "which does not exist";
    if (this.#entries.size === 0) return "which is empty";
    const rules = new Map(this.#rules());
    const names = [...this.#entries.keys()].sort().map((name) => {
      const rule = rules.get(name);
      return rule === undefined ? name : `${name} for names that match ${rule.match}`;
    });
    return `which has ${names.join(", ")}`;
  }

  #faults(): string {
    const faults = [...this.#entries].flatMap(([name, entry]) =>
      entry instanceof Error ? [`entry ${name}: ${entry.message}`] : [],
    );
    return faults.length === 0 ? this.#contents().replace(/^which /, "") : `has faults: ${faults.join("; ")}`;
  }

  /** @param rule the entry that the name matches, where it is none of its own */
  #invalid(asked: string, { message }: Error, rule?: string): ObstacleError {
    const entry = rule === undefined ? "its entry" : `the entry ${rule} that it matches`;
    return new ObstacleError(
      ClusterObstacle.InvalidCatalog,
      `${asked}: ${entry} in ${this.words} cannot be used: ${message}`,
    );
  }
}

/** An entry, or what is wrong with it. */
function entryIn(text: string): Entry | Error {
  try {
    return catalogEntryOf(loadYaml(text));
  } catch (error) {
    const [line = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    return new Error(line, { cause: error });
  }
}
