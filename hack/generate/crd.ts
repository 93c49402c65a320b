import { parse } from "yaml";

/** A rule in CEL; the API server says `message` or what `messageExpression` gives when it does not hold. */
export interface Rule {
  rule: string;
  message?: string;
  messageExpression?: string;
}

/** The keywords of OpenAPI that the CRDs use. */
export interface Schema {
  type?: string;
  description?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  additionalProperties?: Schema;
  required?: string[];
  default?: unknown;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  minProperties?: number;
  maxProperties?: number;
  pattern?: string;
  format?: string;
  anyOf?: unknown[];
  "x-kubernetes-int-or-string"?: boolean;
  "x-kubernetes-list-map-keys"?: string[];
  "x-kubernetes-list-type"?: string;
  "x-kubernetes-preserve-unknown-fields"?: boolean;
  "x-kubernetes-validations"?: Rule[];
}

export interface Column {
  name: string;
  type: string;
  jsonPath: string;
  priority?: number;
}

interface Version {
  name: string;
  subresources?: {
    status?: object;
    scale?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath?: string };
  };
  additionalPrinterColumns?: Column[];
  schema: { openAPIV3Schema: Schema };
}

/** One kind of the API, out of its CustomResourceDefinition. */
export interface Kind {
  /** The CRD's file, from the repository's root. */
  file: string;
  group: string;
  scope: string;
  kind: string;
  plural: string;
  shortNames: string[];
  version: Version;
  schema: Schema;
}

/** A field and where it is: `spec.disks[].name`, `labels{}` for the values of a map. */
export interface Place {
  path: string;
  schema: Schema;
}

/** @throws Error when the CRD has not exactly one version */
export function kindOf(file: string, text: string): Kind {
  const { spec } = parse(text) as {
    spec: {
      group: string;
      scope: string;
      names: { kind: string; plural: string; shortNames?: string[] };
      versions: Version[];
    };
  };
  const [version, ...more] = spec.versions;
  if (version === undefined || more.length > 0)
    throw new Error(`${file}: ${String(spec.versions.length)} versions; the reference tells of one`);
  const { kind, plural, shortNames = [] } = spec.names;
  const { group, scope } = spec;
  return { file, group, scope, kind, plural, shortNames, version, schema: version.schema.openAPIV3Schema };
}

/** What a list or a map holds, else the schema itself; `mark` is what its path has more. */
export function elementOf(schema: Schema): { schema: Schema; mark: string } {
  const inner = schema.items ?? schema.additionalProperties;
  if (inner === undefined) return { schema, mark: "" };
  const { schema: element, mark } = elementOf(inner);
  return { schema: element, mark: `${schema.items === undefined ? "{}" : "[]"}${mark}` };
}

/** The fields of an object, of a list's items or of a map's values. */
export function fieldsOf({ path, schema }: Place): Place[] {
  const element = elementOf(schema);
  const head = path === "" ? "" : `${path}${element.mark}.`;
  return Object.entries(element.schema.properties ?? {}).map(([name, field]) => ({
    path: `${head}${name}`,
    schema: field,
  }));
}

/** How many fields there are within, at all depths. */
export function fieldCount(place: Place): number {
  return fieldsOf(place).reduce((count, field) => count + 1 + fieldCount(field), 0);
}

/** Fields of every Kubernetes object: the API server has descriptions of its own for them, whatever a CRD says. */
const OF_EVERY_OBJECT = new Set(["apiVersion", "kind", "metadata"]);

/** The fields of a kind that are its own: spec and status. */
export function ownFields(kind: Kind): Place[] {
  return fieldsOf({ path: "", schema: kind.schema }).filter(({ path }) => !OF_EVERY_OBJECT.has(path));
}

/** A sentence for each field that has no description. */
export function undescribed(kind: Kind): string[] {
  const within = (place: Place): Place[] => [place, ...fieldsOf(place).flatMap(within)];
  const fields = ownFields(kind).flatMap(within);
  return [
    ...((kind.schema.description ?? "") === "" ? [`${kind.file}: the kind has no description; add one`] : []),
    ...fields
      .filter(({ schema }) => (schema.description ?? "").trim() === "")
      .map(
        ({ path }) =>
          `${kind.file}: ${path} has no description; say there what it is, in which unit, and what holds without it`,
      ),
  ];
}
