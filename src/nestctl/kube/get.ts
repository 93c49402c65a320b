import { resourcePath, type KubeObject } from "../../kube/object.ts";
import type { Globals } from "../frame/globals.ts";
import { asJson, asYaml, note, print, tableText, type OutputFormat } from "../frame/output.ts";
import { kindsOf, targetsOf, type Kind } from "./kinds.ts";
import { withSession, type Session, type Table } from "./session.ts";

export interface GetOptions {
  output?: OutputFormat;
  selector?: string;
  allNamespaces?: boolean;
  /** False: no line with the names of the columns. */
  headers?: boolean;
}

/** `nestctl get`: as kubectl shows them, by the API server's own columns. */
export async function get(globals: Globals, words: readonly string[], options: GetOptions): Promise<void> {
  const { kind, names } = targetsOf(words);
  const kinds = kindsOf(kind);
  await withSession(globals, async (session) => {
    if (options.output === undefined || options.output === "wide") {
      await printTables(session, kinds, names, options);
      return;
    }
    const found = await Promise.all(kinds.map(async (one) => objectsOf(session, one, names, options)));
    await printObjects(kinds, found, names, options.output);
  });
}

function pathsOf(
  { namespace }: Session,
  kind: Kind,
  names: readonly string[],
  options: GetOptions,
): string[] {
  if (names.length > 0) return names.map((name) => resourcePath(kind.resource, namespace, name));
  const path = resourcePath(kind.resource, options.allNamespaces === true ? undefined : namespace);
  const query =
    options.selector === undefined ? "" : `?labelSelector=${encodeURIComponent(options.selector)}`;
  return [`${path}${query}`];
}

async function printTables(
  session: Session,
  kinds: readonly Kind[],
  names: readonly string[],
  options: GetOptions,
): Promise<void> {
  const many = kinds.length > 1;
  const texts = await Promise.all(
    kinds.map(async (kind) => {
      const paths = pathsOf(session, kind, names, options);
      const tables = await Promise.all(paths.map(async (path) => session.table(path)));
      return renderTables(tables, { ...options, ...(many ? { prefix: `${kind.singular}/` } : {}) });
    }),
  );
  const shown = texts.filter((text) => text !== "");
  if (shown.length > 0) print(shown.join("\n"));
  else
    note(
      options.allNamespaces === true
        ? "no objects found"
        : `no objects found in namespace ${session.namespace}`,
    );
}

/** Tables of one kind as text; empty when there is no row. */
export function renderTables(
  tables: readonly Table[],
  options: Pick<GetOptions, "output" | "allNamespaces" | "headers"> & { prefix?: string },
): string {
  const columns = tables[0]?.columnDefinitions ?? [];
  const shown = columns.map(({ priority }, at) => ({ at, priority }));
  const kept = shown
    .filter(({ priority }) => options.output === "wide" || priority === 0)
    .map(({ at }) => at);
  const rows = tables.flatMap((table) => table.rows ?? []);
  if (rows.length === 0) return "";
  const heads = kept.map((at) => columns[at]?.name ?? "");
  const lines = rows.map(({ cells, object }) => {
    const [name = "", ...rest] = kept.map((at) => cellText(cells[at]));
    const line = [`${options.prefix ?? ""}${name}`, ...rest];
    return options.allNamespaces === true ? [object.metadata.namespace ?? "", ...line] : line;
  });
  const text = tableText(options.allNamespaces === true ? ["namespace", ...heads] : heads, lines);
  return options.headers === false ? text.slice(text.indexOf("\n") + 1) : text;
}

function cellText(cell: unknown): string {
  if (cell === null || cell === undefined) return "";
  return typeof cell === "string" ? cell : JSON.stringify(cell);
}

async function objectsOf(
  session: Session,
  kind: Kind,
  names: readonly string[],
  options: GetOptions,
): Promise<KubeObject[]> {
  const paths = pathsOf(session, kind, names, options);
  const answers = await Promise.all(
    paths.map(async (path) => session.client.call<KubeObject | { items: KubeObject[] }>("GET", path)),
  );
  return answers.flatMap((answer) => ("items" in answer ? answer.items : [answer]));
}

async function printObjects(
  kinds: readonly Kind[],
  found: readonly KubeObject[][],
  names: readonly string[],
  format: "json" | "yaml" | "name",
): Promise<void> {
  const items = found.flat();
  if (format === "name") {
    const lines = kinds.flatMap(({ singular, resource }, at) =>
      (found[at] ?? []).map(({ metadata }) => `${singular}.${resource.group}/${metadata.name}\n`),
    );
    print(lines.join(""));
    return;
  }
  const [first] = items;
  const value = names.length === 1 ? first : { apiVersion: "v1", kind: "List", items };
  print(format === "json" ? asJson(value) : await asYaml(value));
}
