import assert from "node:assert/strict";
import type { Rule, Schema } from "./crd.ts";
import { defaultText, limitsOf, messageOf, typeText } from "./crd-text.ts";

const quantity: Schema = {
  anyOf: [{ type: "integer" }, { type: "string" }],
  "x-kubernetes-int-or-string": true,
  maxLength: 32,
  pattern:
    "^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$",
};

describe("a field's type", () => {
  const table: [Schema, string][] = [
    [{ type: "string" }, "string"],
    [{ type: "integer", format: "int32" }, "integer, int32"],
    [{ type: "object" }, "empty object"],
    [{ type: "object", properties: {} }, "object"],
    [{ type: "object", "x-kubernetes-preserve-unknown-fields": true }, "object of any fields"],
    [{ type: "array", items: { type: "string" } }, "list of strings"],
    [{ type: "array", items: { type: "object", properties: {} } }, "list of objects"],
    [{ type: "array", items: { type: "integer", format: "int32" } }, "list of integers, int32"],
    [{ type: "object", additionalProperties: { type: "boolean" } }, "map of booleans"],
    [{ type: "object", additionalProperties: quantity }, "map of quantities"],
    [quantity, "quantity"],
    [{ "x-kubernetes-int-or-string": true }, "integer or string"],
    [{}, "any value"],
  ];
  for (const [schema, wanted] of table) it(`is ${wanted}`, () => assert.equal(typeText(schema), wanted));
});

describe("a field's limits", () => {
  const table: [string, Schema, string[]][] = [
    ["none", { type: "string" }, []],
    ["numbers", { type: "integer", minimum: 1, maximum: 255 }, ["1 to 255"]],
    ["zero", { type: "integer", minimum: 0 }, ["at least 0"]],
    ["one number", { type: "integer", minimum: 3, maximum: 3 }, ["exactly 3"]],
    [
      "text",
      { type: "string", minLength: 1, maxLength: 63, pattern: "^a|b$" },
      ["1 to 63 characters", "matches `^a|b$`"],
    ],
    ["one character", { type: "string", minLength: 1 }, ["at least 1 character"]],
    ["words", { type: "string", enum: ["a", "b"] }, ["one of `a`, `b`"]],
    ["a quantity, whose pattern says nothing", quantity, []],
    [
      "a list",
      {
        type: "array",
        maxItems: 4,
        "x-kubernetes-list-type": "set",
        items: { type: "string", maxLength: 9 },
      },
      ["at most 4 items", "no item twice", "each at most 9 characters"],
    ],
    [
      "a list with keys",
      {
        type: "array",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["name"],
        items: { type: "object" },
      },
      ["one item for each `name`"],
    ],
    [
      "a map",
      { type: "object", maxProperties: 64, additionalProperties: { type: "string" } },
      ["at most 64 entries"],
    ],
    ["an object", { type: "object", minProperties: 1, properties: {} }, ["at least 1 field"]],
  ];
  for (const [title, schema, wanted] of table)
    it(`are told: ${title}`, () => assert.deepEqual(limitsOf(schema), wanted));

  it("are never passed over", () => {
    assert.throws(
      () => limitsOf({ type: "string", nullable: true } as Schema),
      /"nullable", which the reference does not/,
    );
  });
});

describe("a default", () => {
  const table: [unknown, string][] = [
    ["a", "`a`"],
    ["", '`""`'],
    [false, "`false`"],
    [{ cores: 1 }, '`{"cores":1}`'],
  ];
  for (const [value, wanted] of table) it(`is ${wanted}`, () => assert.equal(defaultText(value), wanted));
});

describe("a rule's message", () => {
  const rule = "self";
  const table: [Omit<Rule, "rule">, string][] = [
    [{ message: "only one\n of a and b" }, "only one of a and b"],
    [{ messageExpression: "'fixed'" }, "fixed"],
    [{ messageExpression: `'"%s" is %d, no name'.format([self, 1])` }, '"…" is …, no name'],
    [{ messageExpression: "'it\\'s %s,\n  too long'.format([[self].map(x, 'y')[0]])" }, "it's …, too long"],
    [{ message: "plain", messageExpression: "'%s first'.format([self])" }, "… first"],
  ];
  for (const [given, wanted] of table)
    it(`is ${wanted}`, () => assert.equal(messageOf({ rule, ...given }), wanted));

  it("is there", () => assert.throws(() => messageOf({ rule }), /the rule "self" has no message/));
  it("is a text that can be told", () => {
    const messageExpression = "self.name + ' is wrong'";
    assert.throws(() => messageOf({ rule, messageExpression }), /is not '\.\.\.'\.format/);
  });
});
