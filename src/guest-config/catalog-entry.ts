import { referenceFault } from "../api/image-reference.ts";
import { DEFAULT_FLAVOUR, FLAVOURS, isFlavour, type Flavour } from "./flavour.ts";

/** An image that clusters can be made of. */
export interface CatalogEntry {
  /** With the image of a disk with Kubernetes, where the image itself does not hold it. */
  images: { image: string; payload?: string; flavour?: Flavour };
  /** Kubernetes versions that they hold, newest first. */
  versions: string[];
  isDefault: boolean;
  /** Of an entry for many names: images and versions stand as they are written, with `$1` and so on in them. */
  rule?: CatalogRule;
}

/** Finds an image by a pattern of names, as Virtlet's image translations did. */
export interface CatalogRule {
  /** A regular expression (ECMAScript) that a whole name fits. */
  match: string;
  /**
   * The entry for a name; undefined for one that it does not fit.
   * @throws Error naming the field that is wrong with what the name puts into it
   */
  entryOf(name: string): CatalogEntry | undefined;
}

const LONGEST_MATCH = 256;

/** Where Nestlet's own configs are for this version, an image has to read it. */
const ignitionVersion = /^3\.([3-9]|\d{2,})\.\d+$/;

/**
 * An entry out of its document, as the catalog's ConfigMap has it under its name.
 * @throws Error naming the field, its value and what is wanted
 */
export function catalogEntryOf(document: unknown): CatalogEntry {
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    throw new Error("it is not a mapping; write image and versions");
  }
  const { match, ...fields } = document as Fields;
  if (match !== undefined) return ruleOf(match, fields);
  const { image, payload, versions, ignition, default: isDefault = false, ...unknown } = fields;
  const [first] = Object.keys(unknown);
  if (first !== undefined) {
    throw new Error(`${first} is not known; use image, payload, versions, ignition, match and default`);
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

function ruleOf(match: unknown, fields: Fields): CatalogEntry {
  if (fields["default"] !== undefined) {
    throw new Error("default is given beside match; a pattern has no one image, so remove default");
  }
  const pattern = patternOf(match);
  const filled = (name: string): CatalogEntry =>
    catalogEntryOf(
      JSON.parse(JSON.stringify(fields), (_, value: unknown) =>
        typeof value === "string" ? name.replace(pattern, value) : value,
      ),
    );
  const { image, payload, versions, ...rest } = fields;
  // What a name is put into can be judged only with the name; the rest now.
  const { images } = catalogEntryOf({ ...rest, image: "x/y", versions: ["v1.0.0"] });
  const texts = Array.isArray(versions) ? versions.filter((one) => typeof one === "string") : [];
  if (texts.length === 0) throw new Error(`versions is ${shown(versions)}; give a list such as [v1.$1.0]`);
  return {
    images: {
      ...images,
      image: referenceOf("image", image),
      ...(payload === undefined ? {} : { payload: referenceOf("payload", payload) }),
    },
    versions: texts,
    isDefault: false,
    rule: {
      match: String(match),
      entryOf: (name) => (pattern.test(name) ? filled(name) : undefined),
    },
  };
}

function patternOf(match: unknown): RegExp {
  if (typeof match !== "string" || match === "" || match.length > LONGEST_MATCH) {
    throw new Error(
      `match is ${shown(match)}; give a regular expression of up to ${LONGEST_MATCH} characters, such as lab-(\\d+)`,
    );
  }
  try {
    return new RegExp(`^(?:${match})$`, "u");
  } catch (error) {
    throw new Error(
      `match is no regular expression: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  }
}

function referenceOf(field: string, reference: unknown): string {
  if (typeof reference === "string" && /[/:@]/.test(reference)) {
    const fault = referenceFault(reference);
    if (fault === undefined) return reference;
    throw new Error(`${field} is ${shown(reference)}, ${fault.what}; ${fault.remedy}`);
  }
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
