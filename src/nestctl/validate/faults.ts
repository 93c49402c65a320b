import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import { kubernetesCel } from "./cel-environment.ts";
import { closedObject, type Rule, type Schema } from "./schema.ts";

/** What is wrong with an object, and where in it. */
export interface Fault {
  path: readonly (string | number)[];
  message: string;
}

/** Checks objects of one kind as the API server does when they are created. */
export class Checker {
  readonly #schema: Schema;
  readonly #validate: ValidateFunction;
  readonly #cel = kubernetesCel();
  readonly #compiled = new Map<string, (context: { self: unknown }) => unknown>();

  constructor(schema: Schema) {
    this.#schema = schema;
    const ajv = new Ajv({
      strict: false,
      allErrors: true,
      validateFormats: false,
      useDefaults: true,
      verbose: true,
    });
    this.#validate = ajv.compile(closedObject(schema));
  }

  /** @param object as it was read; defaults are filled in within it */
  faults(object: unknown): Fault[] {
    this.#validate(object);
    const wrong = dropFollowers(this.#validate.errors ?? []).map(faultOf);
    // As the API server: rules are for objects that have the right shape.
    if (wrong.length > 0) return wrong;
    return [...this.#doubles(object, this.#schema, []), ...this.#broken(object, this.#schema, [])];
  }

  /** Items of lists that are maps or sets, which are there twice. */
  #doubles(value: unknown, schema: Schema, path: Fault["path"]): Fault[] {
    const own = Array.isArray(value)
      ? doubled(value, schema).map((fault) => ({ ...fault, path: [...path, ...fault.path] }))
      : [];
    return [
      ...own,
      ...childrenOf(value, schema).flatMap(([key, child, of]) => this.#doubles(child, of, [...path, key])),
    ];
  }

  #broken(value: unknown, schema: Schema, path: Fault["path"]): Fault[] {
    const rules = schema["x-kubernetes-validations"] ?? [];
    const own = rules.flatMap((rule) => this.#judge(rule, celValue(value, schema), path));
    return [
      ...own,
      ...childrenOf(value, schema).flatMap(([key, child, of]) => this.#broken(child, of, [...path, key])),
    ];
  }

  #judge(rule: Rule, self: unknown, path: Fault["path"]): Fault[] {
    // Rules about changes hold for every new object.
    if (/\boldSelf\b/.test(rule.rule)) return [];
    const at = [...path, ...(rule.fieldPath?.split(".").filter((part) => part !== "") ?? [])];
    try {
      if (this.#evaluate(rule.rule, self) === true) return [];
    } catch (error) {
      const why = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
      return [{ path: at, message: `the rule "${rule.rule}" cannot be checked: ${why}` }];
    }
    return [{ path: at, message: this.#messageOf(rule, self) }];
  }

  #messageOf({ rule, message, messageExpression }: Rule, self: unknown): string {
    try {
      const text = messageExpression === undefined ? message : this.#evaluate(messageExpression, self);
      if (typeof text === "string" && text !== "") return text;
    } catch {
      // As in the API server, the rule itself then has to do.
    }
    return message ?? `the rule is broken: ${rule}`;
  }

  #evaluate(expression: string, self: unknown): unknown {
    let compiled = this.#compiled.get(expression);
    if (compiled === undefined) {
      compiled = this.#cel.parse(expression) as (context: { self: unknown }) => unknown;
      this.#compiled.set(expression, compiled);
    }
    return compiled({ self });
  }
}

/** A choice that fails says so itself, and for each of its branches. */
function dropFollowers(errors: readonly ErrorObject[]): ErrorObject[] {
  const choices = errors.filter(({ keyword }) => keyword === "anyOf").map(({ schemaPath }) => schemaPath);
  return errors.filter(({ schemaPath }) => !choices.some((choice) => schemaPath.startsWith(`${choice}/`)));
}

function faultOf({ instancePath, keyword, params, message = "is wrong", data }: ErrorObject): Fault {
  const path = instancePath
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  const given = JSON.stringify(data).slice(0, 80);
  switch (keyword) {
    case "additionalProperties": {
      const name = String(params["additionalProperty"]);
      return { path: [...path, name], message: `unknown field "${name}"; remove it, or see kubectl explain` };
    }
    case "required":
      return { path, message: `${String(params["missingProperty"])} is missing` };
    case "enum":
      return { path, message: `${given} is not one of ${(params["allowedValues"] as unknown[]).join(", ")}` };
    case "type":
      return { path, message: `${given} is not of type ${String(params["type"])}` };
    case "anyOf":
      return { path, message: `${given} is neither a number nor a text` };
    default:
      return { path, message: `${given} ${message}` };
  }
}

function doubled(list: readonly unknown[], schema: Schema): Fault[] {
  const kind = schema["x-kubernetes-list-type"];
  if (kind !== "map" && kind !== "set") return [];
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  const seen = new Set<string>();
  return list.flatMap((item, at): Fault[] => {
    const identity = kind === "set" ? item : keys.map((key) => (item as Record<string, unknown>)[key]);
    const text = JSON.stringify(identity);
    if (!seen.has(text)) {
      seen.add(text);
      return [];
    }
    const what =
      kind === "set"
        ? text
        : keys.map((key, of) => `${key} ${JSON.stringify((identity as unknown[])[of])}`).join(", ");
    return [{ path: [at], message: `${what} is there twice` }];
  });
}

/** The fields or items of a value that a schema knows, each with its own schema. */
function childrenOf(value: unknown, schema: Schema): [string | number, unknown, Schema][] {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? [] : value.map((item, at) => [at, item, items]);
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]): [string, unknown, Schema][] => {
    const of = schema.properties?.[key] ?? schema.additionalProperties;
    return typeof of === "object" ? [[key, child, of]] : [];
  });
}

/** A value as CEL has it: whole numbers are of the type int where the schema says integer. */
export function celValue(value: unknown, schema: Schema | undefined): unknown {
  if (typeof value === "number") {
    const whole = Number.isInteger(value) && schema?.type !== "number";
    return whole ? BigInt(value) : value;
  }
  if (Array.isArray(value)) return value.map((item) => celValue(item, schema?.items));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => {
      const of = schema?.properties?.[key] ?? schema?.additionalProperties;
      return [key, celValue(child, typeof of === "object" ? of : undefined)];
    }),
  );
}
