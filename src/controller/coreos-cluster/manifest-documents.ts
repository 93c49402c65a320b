import { isCollection, LineCounter, parseAllDocuments, type Document } from "yaml";

/** An object as a manifest has it, before any API server has looked at it. */
export interface ManifestObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
}

/** One object of a manifest, and where it stands. */
export interface ManifestDocument {
  object: ManifestObject;
  /** `document 2 (line 14)` */
  place: string;
}

/** What is wrong with a manifest: where, what, and what to write. */
export class ManifestError extends Error {
  override readonly name = "ManifestError";
}

/**
 * The objects of a text with YAML or JSON documents, in their order; those of a List are taken out of it.
 * @throws ManifestError that names the line
 */
export function manifestDocuments(text: string): ManifestDocument[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document, index) => {
    const [error] = document.errors;
    if (error !== undefined) {
      throw new ManifestError(`line ${String(lines.linePos(error.pos[0]).line)}: ${error.message}`);
    }
    const start = document.contents?.range[0];
    const line = start === undefined ? "" : ` (line ${String(lines.linePos(start).line)})`;
    const place = `document ${String(index + 1)}${line}`;
    return objectsIn(valueOf(document, place), place).map((object) => ({ object, place }));
  });
}

function valueOf(document: Document, place: string): unknown {
  if (document.contents !== null && !isCollection(document.contents)) {
    if (document.toJS() === null) return null;
    throw new ManifestError(`${place} is no object; a document begins with "apiVersion: …"`);
  }
  try {
    return document.toJS();
  } catch (error) {
    throw new ManifestError(`${place}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Documents without content, as between two separators, hold nothing. */
function objectsIn(value: unknown, place: string): ManifestObject[] {
  if (value === null || value === undefined) return [];
  const { apiVersion, kind, metadata, items } = value as Partial<Record<string, unknown>>;
  if (typeof apiVersion !== "string") throw new ManifestError(`${place} has no apiVersion`);
  if (typeof kind !== "string") throw new ManifestError(`${place} has no kind`);
  if (kind.endsWith("List") && Array.isArray(items)) {
    return items.flatMap((item, index) => objectsIn(item, `${place}, item ${String(index + 1)},`));
  }
  const name = typeof metadata === "object" && metadata !== null && "name" in metadata ? metadata.name : "";
  if (typeof name !== "string" || name === "") {
    throw new ManifestError(`${place}: the ${kind} has no metadata.name; generateName cannot be applied`);
  }
  return [value as ManifestObject];
}
