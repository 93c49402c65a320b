import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";

/** The parts of a structural schema (apiextensions/v1 JSONSchemaProps) that checks look at. */
export interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  default?: unknown;
  "x-kubernetes-int-or-string"?: boolean;
  "x-kubernetes-preserve-unknown-fields"?: boolean;
  "x-kubernetes-list-type"?: "atomic" | "map" | "set";
  "x-kubernetes-list-map-keys"?: string[];
  "x-kubernetes-validations"?: Rule[];
  [keyword: string]: unknown;
}

/** A rule of a schema, in CEL. */
export interface Rule {
  rule: string;
  message?: string;
  messageExpression?: string;
  fieldPath?: string;
}

interface Crd {
  spec: {
    group: string;
    names: { kind: string };
    versions: { name: string; schema: { openAPIV3Schema: Schema } }[];
  };
}

/** Beside the bundle, or, when the program runs from the checkout, where they are written. */
function crdsFolder(): string {
  const beside = join(import.meta.dirname, "crds");
  return existsSync(beside) ? beside : join(import.meta.dirname, "../../../crds");
}

/** Schemas of Nestlet's kinds, by `apiVersion/kind`. */
export async function loadSchemas(folder = crdsFolder()): Promise<Map<string, Schema>> {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".yaml"));
  const crds = await Promise.all(
    // Anchors are used often in them; they are Nestlet's own.
    files.map(
      async (name) => parse(await readFile(join(folder, name), "utf8"), { maxAliasCount: -1 }) as Crd,
    ),
  );
  return new Map(
    crds.flatMap(({ spec }) =>
      spec.versions.map(({ name, schema }) => [
        `${spec.group}/${name}/${spec.names.kind}`,
        schema.openAPIV3Schema,
      ]),
    ),
  );
}

/** Of the object itself, whatever the schema says of it. */
const METADATA: Schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };

/**
 * The schema for a JSON Schema validator: fields that it does not have are wrong, as `kubectl apply` has it by default.
 */
export function closed(schema: Schema, seen = new Map<Schema, Schema>()): Schema {
  const known = seen.get(schema);
  if (known !== undefined) return known;
  const { properties, items, additionalProperties } = schema;
  const result: Schema = { ...schema };
  delete result["x-kubernetes-validations"];
  seen.set(schema, result);
  if (properties !== undefined) {
    result.properties = Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [name, closed(property, seen)]),
    );
    if (schema["x-kubernetes-preserve-unknown-fields"] !== true) result.additionalProperties = false;
  }
  if (items !== undefined) result.items = closed(items, seen);
  if (typeof additionalProperties === "object")
    result.additionalProperties = closed(additionalProperties, seen);
  return result;
}

/** The closed schema of a whole object, whose metadata is the API server's own to check. */
export function closedObject(schema: Schema): Schema {
  const result = closed(schema);
  return { ...result, properties: { ...result.properties, metadata: METADATA, status: METADATA } };
}
