import assert from "node:assert/strict";
import { documentsIn } from "./documents.ts";

const text = `# head
kind: A
spec:
  list:
    - name: one
    - name: two
      deep: {x: 1}
---
kind: List
items:
  - kind: B
    spec: &spec
      y: 2
`;

describe("documentsIn", () => {
  const { objects, faults } = documentsIn(text);

  it("finds objects, also in lists", () => {
    assert.deepEqual(
      objects.map(({ object }) => (object as { kind: string }).kind),
      ["A", "B"],
    );
    assert.deepEqual(faults, []);
  });
  for (const [of, path, line] of [
    [0, [], 2],
    [0, ["spec"], 3],
    [0, ["spec", "list", 1], 6],
    [0, ["spec", "list", 1, "deep", "x"], 7],
    [0, ["spec", "missing", "field"], 3],
    [1, ["spec", "y"], 13],
    [1, ["metadata"], 11],
  ] as const) {
    it(`${String(of)} ${path.join(".")} is in line ${String(line)}`, () =>
      assert.equal(objects[of]?.lineOf(path), line));
  }
  it("tells where a text cannot be read", () => {
    const { faults: wrong, objects: readable } = documentsIn("a: 1\n---\nb: [\n");
    assert.equal(readable.length, 1);
    assert.equal(wrong[0]?.line, 4);
    assert.equal(documentsIn("").objects.length, 0);
  });
});
