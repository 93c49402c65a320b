import { isNode, LineCounter, parseAllDocuments, type Document } from "yaml";

/** One object of a file. */
export interface FileObject {
  object: unknown;
  /** Line in the file where a part of it is, or where the nearest part that is there begins; from 1. */
  lineOf: (path: readonly (string | number)[]) => number;
}

/** What a file cannot be read for. */
export interface SyntaxFault {
  line: number;
  message: string;
}

/** Objects of a YAML (or JSON) text; those in a List are objects of their own. */
export function documentsIn(text: string): { objects: FileObject[]; faults: SyntaxFault[] } {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines });
  const documents = Array.isArray(parsed) ? parsed : [];
  const faults = documents.flatMap(({ errors }) =>
    errors.map(({ pos, message }) => ({
      line: lines.linePos(pos[0]).line,
      message: message.split("\n")[0]?.replace(/ at line \d+, column \d+:?$/, "") ?? message,
    })),
  );
  const readable = documents.filter(({ errors, contents }) => errors.length === 0 && contents !== null);
  return { objects: readable.flatMap((document) => objectsIn(document, lines)), faults };
}

function objectsIn(document: Document, lines: LineCounter): FileObject[] {
  const object: unknown = document.toJS();
  const at = (prefix: readonly (string | number)[]) => (path: readonly (string | number)[]) =>
    lineIn(document, lines, [...prefix, ...path]);
  const { kind, items } = (typeof object === "object" && object !== null ? object : {}) as {
    kind?: unknown;
    items?: unknown;
  };
  if (kind !== "List" || !Array.isArray(items)) return [{ object, lineOf: at([]) }];
  return items.map((item: unknown, index) => ({ object: item, lineOf: at(["items", index]) }));
}

function lineIn(document: Document, lines: LineCounter, path: readonly (string | number)[]): number {
  for (let length = path.length; length >= 0; length--) {
    const found = nodeAt(document, path.slice(0, length));
    if (found !== undefined) return lines.linePos(found).line;
  }
  return 1;
}

/** Offset of a field's name, of an item, or of the whole document. */
function nodeAt(document: Document, path: readonly (string | number)[]): number | undefined {
  const key = path.at(-1);
  const parent: unknown = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents;
  if (key === undefined) return isNode(document.contents) ? document.contents.range?.[0] : undefined;
  const { items } = (parent ?? {}) as {
    items?: { key?: { value?: unknown; range?: [number, number, number] } }[];
  };
  const pair = items?.find((item) => item.key?.value === key);
  if (pair?.key?.range != null) return pair.key.range[0];
  const node: unknown = document.getIn(path, true);
  return isNode(node) ? node.range?.[0] : undefined;
}
