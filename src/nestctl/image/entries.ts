import { parse, stringify } from "yaml";
import { catalogEntryOf } from "../../guest-config/catalog-entry.ts";
import { DEFAULT_FLAVOUR } from "../../guest-config/flavour.ts";
import { usageError } from "../frame/cli-error.ts";

export interface EntryFlags {
  image: string;
  kubernetes: string[];
  payload?: string;
  match?: string;
  flavour?: string;
  ignition?: string;
  default?: boolean;
}

/**
 * An entry of the catalog as the chart's values and its ConfigMap have it.
 * @throws CliError in the controller's own words for an entry that it would refuse
 */
export function entryText(name: string, flags: EntryFlags): string {
  if (!/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(name)) {
    throw usageError(`"${name}" is no name for an image`, "use lower-case letters, digits, - and .");
  }
  const ignition = {
    ...(flags.flavour === undefined ? {} : { flavour: flags.flavour }),
    ...(flags.ignition === undefined ? {} : { version: flags.ignition }),
  };
  const entry = {
    ...(flags.default === true ? { default: true } : {}),
    ...(flags.match === undefined ? {} : { match: flags.match }),
    image: flags.image,
    ...(flags.payload === undefined ? {} : { payload: flags.payload }),
    versions: flags.kubernetes,
    ...(Object.keys(ignition).length === 0 ? {} : { ignition }),
  };
  try {
    catalogEntryOf(entry);
  } catch (error) {
    throw usageError(error instanceof Error ? error.message : String(error), "see nestctl image add --help");
  }
  return stringify(entry);
}

/** An entry as it is shown, with what counts: the one of the annotation is the default, whatever entries say. */
export function shownEntry(name: string, text: string, chosen: string | undefined): unknown {
  const entry: unknown = parse(text);
  if (chosen === undefined || typeof entry !== "object" || entry === null) return entry;
  const rest = Object.fromEntries(Object.entries(entry).filter(([field]) => field !== "default"));
  return name === chosen ? { default: true, ...rest } : rest;
}

/**
 * Cells for the table; what is wrong with an entry stands in the place of its image.
 * @param chosen the name that the catalog's annotation says is the default
 */
export function rowOf(name: string, text: string, chosen?: string): string[] {
  try {
    const { images, versions, isDefault, rule } = catalogEntryOf(parse(text));
    const { image, payload = "", flavour = DEFAULT_FLAVOUR } = images;
    const named = rule === undefined ? name : `${name} (${rule.match})`;
    const counts = chosen === undefined ? isDefault : name === chosen;
    return [named, counts ? "yes" : "", versions.join(","), flavour, image, payload];
  } catch (error) {
    const [why = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    return [name, "", "", "", `(cannot be used: ${why})`, ""];
  }
}
