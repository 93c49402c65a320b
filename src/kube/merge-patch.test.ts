import assert from "node:assert/strict";
import { mergePatchBetween } from "./merge-patch.ts";

const cases: { title: string; before: object; after: object; patch: object | undefined }[] = [
  { title: "equal objects", before: { a: { b: [1] } }, after: { a: { b: [1] } }, patch: undefined },
  { title: "another order of keys", before: { a: 1, b: 2 }, after: { b: 2, a: 1 }, patch: undefined },
  { title: "a changed field", before: { a: 1, b: 2 }, after: { a: 1, b: 3 }, patch: { b: 3 } },
  { title: "a field that is gone", before: { a: 1, b: 2 }, after: { a: 1 }, patch: { b: null } },
  {
    title: "a field within",
    before: { a: { b: 1, c: 1 } },
    after: { a: { b: 2 } },
    patch: { a: { b: 2, c: null } },
  },
  { title: "a list, whole", before: { a: [1, 2] }, after: { a: [1] }, patch: { a: [1] } },
  { title: "a list for an object", before: { a: { b: 1 } }, after: { a: [] }, patch: { a: [] } },
  { title: "a new object", before: {}, after: { a: { b: 1 } }, patch: { a: { b: 1 } } },
  {
    title: "undefined, which JSON does not have",
    before: { a: 1 },
    after: { a: 1, b: undefined },
    patch: undefined,
  },
];

describe("a merge patch", () => {
  for (const { title, before, after, patch } of cases) {
    it(`for ${title}`, () => {
      assert.deepEqual(mergePatchBetween(before, after), patch);
    });
  }
});
