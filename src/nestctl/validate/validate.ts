import { readFile } from "node:fs/promises";
import { text as textOf } from "node:stream/consumers";
import { ExitCode, usageError } from "../frame/cli-error.ts";
import { asJson, coloured, note, print } from "../frame/output.ts";
import { remedyOfSystem } from "../frame/system-remedy.ts";
import { documentsIn, type FileObject } from "./documents.ts";
import { Checker } from "./faults.ts";
import { metadataFaults } from "./metadata.ts";
import { loadSchemas, type Schema } from "./schema.ts";

/** A fault as it is told. */
export interface Finding {
  file: string;
  line: number;
  object?: string;
  /** `spec.domain.memory.guest`, `spec.volumes[0]` */
  field?: string;
  message: string;
}

const GROUP = "nestlet.dev/";

/** `nestctl validate`: exit code 1 when something is wrong. */
export async function validate(files: readonly string[], options: { output?: "json" }): Promise<void> {
  const schemas = await loadSchemas();
  const validator = new Validator(schemas);
  const findings: Finding[] = [];
  for (const file of files) findings.push(...validator.check(file, await contentOf(file)));
  if (options.output === "json") print(asJson(findings));
  else for (const finding of findings) print(`${lineFor(finding)}\n`);
  if (findings.length > 0) process.exitCode = ExitCode.failed;
  else if (validator.checked === 0)
    note(`${coloured("yellow", "warning:")} there is no object of Nestlet's kinds`);
  else if (options.output !== "json") print(`${String(validator.checked)} object(s) are valid\n`);
}

async function contentOf(file: string): Promise<string> {
  if (file === "-") return textOf(process.stdin);
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw usageError(
      `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      remedyOfSystem(error),
    );
  }
}

/** Checks texts of files, by Nestlet's schemas. */
export class Validator {
  readonly #schemas: Map<string, Schema>;
  readonly #checkers = new Map<string, Checker>();
  #checked = 0;

  constructor(schemas: Map<string, Schema>) {
    this.#schemas = schemas;
  }

  /** Objects of Nestlet's kinds so far. */
  get checked(): number {
    return this.#checked;
  }

  check(file: string, text: string): Finding[] {
    const { objects, faults } = documentsIn(text);
    const found = objects.flatMap((object) =>
      this.#checkObject(object).map((finding) => ({ file, ...finding })),
    );
    return [...faults.map((fault) => ({ file, ...fault })), ...found].sort(
      (one, other) => one.line - other.line,
    );
  }

  #checkObject({ object, lineOf }: FileObject): Omit<Finding, "file">[] {
    const { apiVersion, kind, metadata } = (typeof object === "object" && object !== null ? object : {}) as {
      apiVersion?: unknown;
      kind?: unknown;
      metadata?: { name?: unknown } | null;
    };
    if (typeof apiVersion !== "string" || !apiVersion.startsWith(GROUP)) return [];
    this.#checked++;
    const schema = this.#schemas.get(`${apiVersion}/${String(kind)}`);
    const name = typeof metadata?.name === "string" ? metadata.name : undefined;
    const label = `${String(kind)} ${name ?? ""}`.trim();
    if (schema === undefined) {
      const known = [...this.#schemas.keys()].map((key) => key.replace(/\/([^/]*)$/, " $1")).join(", ");
      return [
        { line: lineOf(["kind"]), object: label, field: "kind", message: `is not known; use ${known}` },
      ];
    }
    if (metadata?.name === undefined) {
      return [{ line: lineOf(["metadata"]), object: label, field: "metadata.name", message: "is missing" }];
    }
    const faults = [
      ...metadataFaults(metadata),
      ...this.#checkerOf(`${apiVersion}/${String(kind)}`, schema).faults(object),
    ];
    return faults.map(({ path, message }) => ({
      line: lineOf(path),
      object: label,
      field: fieldText(path),
      message,
    }));
  }

  #checkerOf(key: string, schema: Schema): Checker {
    const checker = this.#checkers.get(key) ?? new Checker(schema);
    this.#checkers.set(key, checker);
    return checker;
  }
}

export function fieldText(path: readonly (string | number)[]): string {
  return path
    .map((part, at) => (typeof part === "number" ? `[${String(part)}]` : `${at === 0 ? "" : "."}${part}`))
    .join("");
}

function lineFor({ file, line, object, field, message }: Finding): string {
  const where = `${file === "-" ? "(standard input)" : file}:${String(line)}`;
  const what = [object, field === "" ? undefined : field].filter((part) => part !== undefined);
  return [where, ...what, message].join(": ");
}
