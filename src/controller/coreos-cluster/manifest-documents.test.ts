import assert from "node:assert/strict";
import { manifestDocuments } from "./manifest-documents.ts";

const pod = "apiVersion: v1\nkind: Pod\nmetadata: { name: a }\n";

describe("manifestDocuments", () => {
  const table: readonly (readonly [string, string, readonly string[]])[] = [
    ["one document", pod, ["Pod a: document 1 (line 1)"]],
    ["several", `${pod}---\n${pod}`, ["Pod a: document 1 (line 1)", "Pod a: document 2 (line 5)"]],
    ["none", "# nothing\n---\n---\n", []],
    ["JSON", '{"apiVersion":"v1","kind":"Node","metadata":{"name":"n"}}', ["Node n: document 1 (line 1)"]],
    [
      "a List",
      "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: b}}\n",
      ["Pod b: document 1 (line 1)"],
    ],
  ];
  for (const [title, text, expected] of table) {
    it(`finds ${title}`, () => {
      const found = manifestDocuments(text).map(
        ({ object, place }) => `${object.kind} ${object.metadata.name}: ${place}`,
      );
      assert.deepEqual(found, expected);
    });
  }

  for (const [title, text, says] of [
    ["a wrong indentation", "apiVersion: v1\nkind: Pod\n  metadata: {}\n", /^line 2: /],
    ["a tab", "apiVersion: v1\nkind: Pod\nmetadata:\n\tname: a\n", /^line 4: /],
    ["a key twice", `${pod}kind: Pod\n`, /^line 4: Map keys must be unique/],
    ["a text", "hello\n", /^document 1 \(line 1\) is no object; a document begins with "apiVersion/],
    ["a list", "- a\n", /^document 1 \(line 1\) has no apiVersion$/],
    ["no kind", `${pod}---\napiVersion: v1\n`, /^document 2 \(line 5\) has no kind$/],
    ["no name", "apiVersion: v1\nkind: Pod\n", /^document 1 \(line 1\): the Pod has no metadata\.name/],
    ["an alias to nothing", "apiVersion: v1\nkind: *none\n", /Unresolved alias|unresolved/i],
  ] as [string, string, RegExp][]) {
    it(`refuses ${title}, and says where`, () => {
      assert.throws(() => manifestDocuments(text), { name: "ManifestError", message: says });
    });
  }
});
