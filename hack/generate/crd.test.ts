import assert from "node:assert/strict";
import { elementOf, fieldCount, fieldsOf, kindOf, undescribed } from "./crd.ts";

const text = (properties: string, versions = 1): string => `spec:
  group: example.org
  scope: Namespaced
  names: { kind: Thing, plural: things, shortNames: [th] }
  versions:
${`    - name: v1
      schema:
        openAPIV3Schema:
          description: A thing.
          properties:
            apiVersion: { type: string }
            kind: { type: string }
            metadata: { type: object }
            spec: ${properties}
`.repeat(versions)}`;

describe("a kind", () => {
  it("is read from its definition", () => {
    const kind = kindOf("crds/thing.yaml", text("{ type: object, description: x }"));
    assert.deepEqual(
      [kind.kind, kind.plural, kind.shortNames, kind.group, kind.scope, kind.version.name],
      ["Thing", "things", ["th"], "example.org", "Namespaced", "v1"],
    );
  });
  it("has one version", () => {
    assert.throws(() => kindOf("crds/thing.yaml", text("{}", 2)), /crds\/thing\.yaml: 2 versions/);
  });

  const undescribedTable: [string, string, string[]][] = [
    ["nothing", "{ type: object, description: x }", []],
    ["the spec", "{ type: object }", ["spec"]],
    ["a blank one", "{ type: object, description: ' ' }", ["spec"]],
    [
      "a field within",
      "{ description: x, properties: { a: { description: x, properties: { b: {} } } } }",
      ["spec.a.b"],
    ],
    [
      "one of a list's items",
      "{ description: x, properties: { a: { description: x, items: { properties: { b: {} } } } } }",
      ["spec.a[].b"],
    ],
    [
      "one of a map's values",
      "{ description: x, properties: { a: { description: x, additionalProperties: { properties: { b: {} } } } } }",
      ["spec.a{}.b"],
    ],
  ];
  for (const [title, spec, wanted] of undescribedTable) {
    it(`lacks a description: ${title}`, () => {
      const found = undescribed(kindOf("crds/thing.yaml", text(spec)));
      const named = found.map((line) => /^crds\/thing\.yaml: (\S+) has no description; /.exec(line)?.[1]);
      assert.deepEqual(named, wanted);
    });
  }

  it("of which the kind itself says nothing is named, too", () => {
    const kind = kindOf("crds/thing.yaml", text("{ description: x }"));
    const { description, ...schema } = kind.schema;
    assert.equal(description, "A thing.");
    assert.deepEqual(undescribed({ ...kind, schema }), [
      "crds/thing.yaml: the kind has no description; add one",
    ]);
  });
});

describe("a field's place", () => {
  const schema = { items: { additionalProperties: { properties: { a: { properties: { b: {} } } } } } };
  it("says what is a list and what a map", () => {
    assert.equal(elementOf(schema).mark, "[]{}");
    assert.deepEqual(
      fieldsOf({ path: "spec.x", schema }).map(({ path }) => path),
      ["spec.x[]{}.a"],
    );
  });
  it("holds fields at all depths", () => assert.equal(fieldCount({ path: "spec.x", schema }), 2));
});
