import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { anchorOf, codeOf, proseOf, tableOf } from "../lib/markdown.ts";
import { repoRoot } from "../lib/paths.ts";
import {
  elementOf,
  fieldCount,
  fieldsOf,
  kindOf,
  ownFields,
  type Column,
  type Kind,
  type Place,
} from "./crd.ts";
import { defaultText, limitsOf, messageOf, typeText } from "./crd-text.ts";

export const apiReference = join(repoRoot, "docs/api-reference.md");

/** In the order of the page. */
const FILES = ["crds/virtualmachine.yaml", "crds/virtualmachineinstance.yaml", "crds/coreoscluster.yaml"];

/** An object with more fields within than this has a section of its own. */
const INLINE_FIELDS = 12;
/** An object with at least as many, which is in several places, is told of once. */
const SHARED_FIELDS = 5;

/** The kinds of nestlet.dev as crds/ have them. */
export async function apiKinds(): Promise<Kind[]> {
  return Promise.all(FILES.map(async (file) => kindOf(file, await readFile(join(repoRoot, file), "utf8"))));
}

/** docs/api-reference.md as crds/ are now. */
export async function apiReferenceText(): Promise<string> {
  const text = referenceOf(await apiKinds());
  return format(text, { ...(await resolveConfig(apiReference)), parser: "markdown" });
}

/** The page of some kinds. What is the same in two of them is told of with the one that has it at the least depth. */
export function referenceOf(kinds: readonly Kind[]): string {
  const homes = homesOf(kinds);
  return [
    "<!-- Generated from crds/ by `npm run generate`: change it there. -->",
    "# API reference",
    HEAD,
    kinds.map((kind) => `- [${kind.kind}](#${anchorOf(kind.kind)})`).join("\n"),
    ...kinds.flatMap((kind) => [
      ...headOf(kind),
      ...ownFields(kind).flatMap((place) => sections(new Writer(kind, homes), place)),
    ]),
  ].join("\n\n");
}

const HEAD = [
  "Every field of Nestlet's kinds, with its type, its limits and its default; a field that is not said to be required",
  "may be left out. `list[]` and `map{}` in a path stand for one item and one value. A quantity is a number with or",
  "without a unit, such as `500m`, `2` or `4Gi`. _Refused_ is what the API server says of objects that do not fit",
  "together, with `…` where it fills in what it found. `apiVersion`, `kind` and `metadata` are as in every object of",
  "Kubernetes. `kubectl explain vmi.spec.domain` tells the same of the version that a cluster has, and `nestctl",
  "validate` checks a manifest without one.",
].join("\n");

function headOf(kind: Kind): string[] {
  const { group, version, scope, plural, shortNames, schema, file } = kind;
  const { status, scale } = version.subresources ?? {};
  const subresources = [
    ...(status === undefined ? [] : ["`status`"]),
    ...(scale === undefined
      ? []
      : [
          `\`scale\` (sets \`${scale.specReplicasPath.slice(1)}\`, reads \`${scale.statusReplicasPath.slice(1)}\`)`,
        ]),
  ];
  const names = [plural, ...shortNames].map(codeOf).join(", ");
  const columns = version.additionalPrinterColumns ?? [];
  return [
    `## ${kind.kind}`,
    proseOf(schema.description ?? ""),
    [
      `- API version: ${codeOf(`${group}/${version.name}`)}, ${scope.toLowerCase()}`,
      `- names for kubectl: ${names}`,
      ...(subresources.length === 0 ? [] : [`- subresources: ${subresources.join(", ")}`]),
      `- source: [${file}](../${file})`,
    ].join("\n"),
    ...(columns.length === 0 ? [] : ["`kubectl get` shows:", columnTable(columns)]),
    ...refusals(kind.schema),
  ];
}

function columnTable(columns: readonly Column[]): string {
  return tableOf(
    ["column", "from", "shown"],
    columns.map(({ name, jsonPath, priority = 0 }) => [
      name,
      codeOf(jsonPath.slice(1)),
      priority === 0 ? "always" : "with `-o wide`",
    ]),
  );
}

interface Home {
  kind: string;
  path: string;
  places: number;
}

/** Where each shape of an object is told of: at the least depth, and there where it comes first. */
function homesOf(kinds: readonly Kind[]): ReadonlyMap<string, Home> {
  const homes = new Map<string, Home>();
  let level = kinds.flatMap((kind) => ownFields(kind).map((place) => ({ kind: kind.kind, place })));
  while (level.length > 0) {
    level = level.flatMap(({ kind, place }) => {
      const shape = shapeOf(place);
      const known = homes.get(shape);
      // What is within is told of there, once.
      if (known !== undefined) {
        known.places += 1;
        return [];
      }
      if (fieldCount(place) >= SHARED_FIELDS) homes.set(shape, { kind, path: place.path, places: 1 });
      return fieldsOf(place).map((field) => ({ kind, place: field }));
    });
  }
  return homes;
}

function shapeOf({ schema }: Place): string {
  const { properties, required, "x-kubernetes-validations": rules } = elementOf(schema).schema;
  return JSON.stringify([properties, required, rules]);
}

/** Decides for one kind what is told of where. */
class Writer {
  readonly kind: Kind;
  private readonly homes: ReadonlyMap<string, Home>;

  constructor(kind: Kind, homes: ReadonlyMap<string, Home>) {
    this.kind = kind;
    this.homes = homes;
  }

  /** The heading of the section with the fields of an object, which may be one of another kind. */
  elsewhere(place: Place): string | undefined {
    const home = this.homes.get(shapeOf(place));
    if (home !== undefined && !this.isHome(place, home))
      return headingOf(home.kind, { ...place, path: home.path });
    return this.hasSection(place) ? headingOf(this.kind.kind, place) : undefined;
  }

  /** Whether this kind's part of the page has a section for it. */
  hasSection(place: Place): boolean {
    const home = this.homes.get(shapeOf(place));
    if (home !== undefined && !this.isHome(place, home)) return false;
    return !place.path.includes(".") || (home?.places ?? 0) > 1 || fieldCount(place) > INLINE_FIELDS;
  }

  private isHome({ path }: Place, home: Home): boolean {
    return home.kind === this.kind.kind && home.path === path;
  }
}

function headingOf(kind: string, { path, schema }: Place): string {
  return `${kind} ${codeOf(`${path}${elementOf(schema).mark}`)}`;
}

/** The section of an object, and those of objects within it. */
function sections(writer: Writer, place: Place): string[] {
  const within = (fields: readonly Place[]): string[] =>
    fields.flatMap((field) => {
      if (writer.hasSection(field)) return sections(writer, field);
      return writer.elsewhere(field) === undefined ? within(fieldsOf(field)) : [];
    });
  const description = place.path.includes(".") ? [] : [proseOf(place.schema.description ?? "")];
  return [
    `### ${headingOf(writer.kind.kind, place)}`,
    ...description,
    ...refusals(place.schema),
    fieldList(writer, place, "").join("\n"),
    ...within(fieldsOf(place)),
  ];
}

function fieldList(writer: Writer, place: Place, indent: string): string[] {
  const required = new Set(elementOf(place.schema).schema.required);
  return fieldsOf(place).flatMap((field) => {
    const name = field.path.slice(field.path.lastIndexOf(".") + 1);
    const { schema } = field;
    const facts = [
      typeText(schema),
      ...(required.has(name) ? ["required"] : []),
      ...limitsOf(schema),
      ...(schema.default === undefined ? [] : [`default ${defaultText(schema.default)}`]),
    ];
    const heading = writer.elsewhere(field);
    const link = heading === undefined ? "" : ` Fields: [${heading}](#${anchorOf(heading)}).`;
    const rules = heading === undefined ? messagesOf(schema) : [];
    return [
      `${indent}- **${codeOf(name)}** (${facts.join("; ")}): ${proseOf(schema.description ?? "")}${link}`,
      ...rules.map((message) => `${indent}  - _Refused:_ ${proseOf(message)}`),
      ...(heading === undefined ? fieldList(writer, field, `${indent}  `) : []),
    ];
  });
}

function refusals(schema: Place["schema"]): string[] {
  const messages = messagesOf(schema);
  return messages.length === 0
    ? []
    : ["_Refused:_", messages.map((message) => `- ${proseOf(message)}`).join("\n")];
}

/** Of a list or map those of itself, then those of what it holds. */
function messagesOf(schema: Place["schema"]): string[] {
  const { schema: element } = elementOf(schema);
  const rules = [
    ...(schema["x-kubernetes-validations"] ?? []),
    ...(element === schema ? [] : (element["x-kubernetes-validations"] ?? [])),
  ];
  return [...new Set(rules.map(messageOf))];
}
