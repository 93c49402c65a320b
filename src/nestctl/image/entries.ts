import { parse, parseDocument, stringify } from "yaml";
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
 * An entry of the catalog as its ConfigMap has it.
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

/** What to change for an entry to be there; a new default takes that off the others. */
export function withEntry(data: Record<string, string>, name: string, text: string): Record<string, string> {
  const isDefault = (parse(text) as { default?: boolean }).default === true;
  const others = isDefault ? Object.entries(data).filter(([other]) => other !== name) : [];
  const changed = others.flatMap(([other, before]) => {
    const document = parseDocument(before);
    if (document.errors.length > 0 || document.get("default") !== true) return [];
    document.delete("default");
    return [[other, document.toString()] as const];
  });
  return { ...Object.fromEntries(changed), [name]: text };
}

/** Cells for the table; what is wrong with an entry stands in the place of its image. */
export function rowOf(name: string, text: string): string[] {
  try {
    const { images, versions, isDefault, rule } = catalogEntryOf(parse(text));
    const { image, payload = "", flavour = DEFAULT_FLAVOUR } = images;
    const named = rule === undefined ? name : `${name} (${rule.match})`;
    return [named, isDefault ? "yes" : "", versions.join(","), flavour, image, payload];
  } catch (error) {
    const [why = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    return [name, "", "", "", `(cannot be used: ${why})`, ""];
  }
}
