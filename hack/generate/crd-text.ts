import { codeOf } from "../lib/markdown.ts";
import { elementOf, type Rule, type Schema } from "./crd.ts";

/** How Kubernetes writes the pattern of a quantity. */
const QUANTITY = /^\^\(\\\+\|-\)\?\(\(\[0-9\].*\[KMGTPE\]i/;

const KNOWN = new Set([
  "type",
  "description",
  "properties",
  "items",
  "additionalProperties",
  "required",
  "default",
  "enum",
  "minimum",
  "maximum",
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
  "minProperties",
  "maxProperties",
  "pattern",
  "format",
  "anyOf",
  "x-kubernetes-int-or-string",
  "x-kubernetes-list-map-keys",
  "x-kubernetes-list-type",
  "x-kubernetes-preserve-unknown-fields",
  "x-kubernetes-validations",
]);

/** The type of a field's value in words: `list of objects`. */
export function typeText(schema: Schema): string {
  if (schema.items !== undefined) return `list of ${pluralOf(typeText(schema.items))}`;
  if (schema.additionalProperties !== undefined)
    return `map of ${pluralOf(typeText(schema.additionalProperties))}`;
  if (schema["x-kubernetes-int-or-string"] === true)
    return isQuantity(schema) ? "quantity" : "integer or string";
  const { type = "any value", format } = schema;
  if (type === "object" && schema.properties === undefined)
    return schema["x-kubernetes-preserve-unknown-fields"] === true ? "object of any fields" : "empty object";
  return format === undefined ? type : `${type}, ${format}`;
}

function pluralOf(type: string): string {
  if (type === "quantity") return "quantities";
  return type.replace(/^(map|list|\w+$|empty object|object|integer|string)/, "$1s");
}

/**
 * What limits a value, each in some words of Markdown.
 * @throws Error for a keyword that would go untold
 */
export function limitsOf(schema: Schema): string[] {
  const untold = Object.keys(schema).find((keyword) => !KNOWN.has(keyword));
  if (untold !== undefined)
    throw new Error(`a schema has the keyword "${untold}", which the reference does not tell of; teach it`);
  const { schema: element, mark } = elementOf(schema);
  return [
    ...rangeOf(schema.minItems, schema.maxItems, "item", "items"),
    ...rangeOf(schema.minProperties, schema.maxProperties, ...entryWords(schema)),
    ...uniqueOf(schema),
    ...(mark === "" ? scalarLimits(schema) : scalarLimits(element).map((limit) => `each ${limit}`)),
  ];
}

function scalarLimits(schema: Schema): string[] {
  const { minimum, maximum, minLength, maxLength, pattern } = schema;
  return [
    ...(schema.enum === undefined
      ? []
      : [`one of ${schema.enum.map((value) => codeOf(String(value))).join(", ")}`]),
    ...rangeOf(minimum, maximum),
    ...(isQuantity(schema) ? [] : rangeOf(minLength, maxLength, "character", "characters")),
    ...(pattern === undefined || isQuantity(schema) ? [] : [`matches ${codeOf(pattern)}`]),
  ];
}

function isQuantity({ pattern }: Schema): boolean {
  return pattern !== undefined && QUANTITY.test(pattern);
}

function uniqueOf(schema: Schema): string[] {
  const keys = schema["x-kubernetes-list-map-keys"];
  if (keys !== undefined) return [`one item for each ${keys.map(codeOf).join(" and ")}`];
  return schema["x-kubernetes-list-type"] === "set" ? ["no item twice"] : [];
}

function entryWords({ properties }: Schema): [string, string] {
  return properties === undefined ? ["entry", "entries"] : ["field", "fields"];
}

function rangeOf(least?: number, most?: number, one = "", many = ""): string[] {
  const counted = (count: number): string => `${String(count)} ${count === 1 ? one : many}`.trimEnd();
  if (least !== undefined && most !== undefined)
    return [least === most ? `exactly ${counted(least)}` : `${String(least)} to ${counted(most)}`];
  if (least !== undefined) return [`at least ${counted(least)}`];
  return most === undefined ? [] : [`at most ${counted(most)}`];
}

/** A default as it would be written in a manifest. */
export function defaultText(value: unknown): string {
  return codeOf(typeof value === "string" && value !== "" ? value : JSON.stringify(value));
}

/**
 * What the API server says when a rule does not hold, with `…` in place of what it fills in.
 * @throws Error when the message is neither a text nor `'text'.format([...])`
 */
export function messageOf({ rule, message, messageExpression }: Rule): string {
  if (messageExpression === undefined) {
    if (message === undefined) throw new Error(`the rule "${rule}" has no message; add one with the remedy`);
    return oneLine(message);
  }
  const [, text] = /^\s*'((?:[^'\\]|\\.)*)'(?:\s*\.format\([^]*\))?\s*$/.exec(messageExpression) ?? [];
  if (text === undefined)
    throw new Error(`the rule "${rule}" has a messageExpression that is not '...'.format([...])`);
  return oneLine(text.replaceAll(/\\(.)/g, "$1").replaceAll(/%[sd]/g, "…"));
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
