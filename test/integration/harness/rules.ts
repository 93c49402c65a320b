import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { repoRoot } from "../../../hack/lib/paths.ts";

/** A rule in CEL of one of the kinds. */
export interface Rule {
  kind: string;
  /** Where in an object, `spec.volumes[].ignition`; empty: the object itself. */
  path: string;
  /** Its message, with gaps (`%s`) where it quotes the object. */
  says: string;
}

interface Schema {
  properties?: Record<string, Schema>;
  items?: Schema;
  additionalProperties?: Schema | boolean;
  "x-kubernetes-validations"?: { message?: string; messageExpression?: string }[];
}

interface Definition {
  spec: { names: { kind: string }; versions: { schema: { openAPIV3Schema: Schema } }[] };
}

/** The rules of a file in crds/, without those that are generated from another kind's. */
export function rulesOf(file: string): Rule[] {
  const { spec } = parse(readFileSync(join(repoRoot, "crds", file), "utf8")) as Definition;
  const { kind } = spec.names;
  return spec.versions
    .flatMap(({ schema }) => rulesBelow(kind, "", schema.openAPIV3Schema))
    .filter(({ path }) => !(kind === "VirtualMachine" && path.startsWith("spec.template.spec")));
}

/** Whether this is what the API server says to an object that breaks the rule. */
export function isOf({ path, says }: Rule, message: string): boolean {
  const place = path
    .split("[]")
    .map(RegExp.escape)
    .join(String.raw`\[[^\]]*\]`);
  const words = says.split(/%[sd]/).map(RegExp.escape).join(".*");
  return new RegExp(`${place}\\S*: Invalid value: .*${words}`, "s").test(message);
}

function rulesBelow(kind: string, path: string, schema: Schema): Rule[] {
  const { properties = {}, items, additionalProperties } = schema;
  const own = (schema["x-kubernetes-validations"] ?? []).map((rule) => ({
    kind,
    path,
    says: rule.message ?? templateOf(rule.messageExpression ?? ""),
  }));
  const children: [string, Schema][] = Object.entries(properties).map(([name, child]) => [
    path === "" ? name : `${path}.${name}`,
    child,
  ]);
  if (items !== undefined) children.push([`${path}[]`, items]);
  if (typeof additionalProperties === "object") children.push([`${path}[]`, additionalProperties]);
  return [...own, ...children.flatMap(([below, child]) => rulesBelow(kind, below, child))];
}

/** The first sentence among the strings of an expression: its others are what it compares with, or puts in. */
function templateOf(expression: string): string {
  const texts = [...expression.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g)].map(
    ([, single, double]) => (single ?? double ?? "").replace(/\\(.)/g, "$1"),
  );
  return texts.find((text) => text.includes(" ")) ?? expression;
}
