import assert from "node:assert/strict";
import { metadataFaults } from "./metadata.ts";

describe("metadataFaults", () => {
  const right: object[] = [
    { name: "a" },
    { name: "web.1-b", namespace: "prod", creationTimestamp: null, uid: "x" },
    { name: "web", labels: { app: "web", "example.com/Tier_1.a": "", x: "A_b.c-1" }, annotations: null },
    { name: "web", annotations: { "example.com/note": "any text, with spaces" } },
    { name: `${"a".repeat(63)}.${"b".repeat(63)}` },
  ];
  for (const metadata of right)
    it(`takes ${JSON.stringify(metadata)}`, () => assert.deepEqual(metadataFaults(metadata), []));

  const wrong: [string, object, string[], RegExp][] = [
    ["capitals", { name: "Web" }, ["name"], /^"Web" is no name; use lower-case/],
    ["an empty part", { name: "a..b" }, ["name"], /is no name/],
    ["a long name", { name: "a".repeat(254) }, ["name"], /is no name/],
    ["a number", { name: 1 }, ["name"], /^1 is no name/],
    ["a namespace with a dot", { name: "a", namespace: "a.b" }, ["namespace"], /"a\.b" is no name/],
    ["a typing error", { name: "a", lables: {} }, ["lables"], /unknown field "lables"/],
    ["a number as label", { name: "a", labels: { v: 1 } }, ["labels", "v"], /in quotes: "1"/],
    ["true as annotation", { name: "a", annotations: { v: true } }, ["annotations", "v"], /a text; .*"true"/],
    [
      "a value with a space",
      { name: "a", labels: { v: "a b" } },
      ["labels", "v"],
      /"a b" has to be at most 63/,
    ],
    ["a long value", { name: "a", labels: { v: "a".repeat(64) } }, ["labels", "v"], /at most 63/],
    ["a key of two slashes", { name: "a", labels: { "a/b/c": "" } }, ["labels", "a/b/c"], /is no key/],
    ["a key with capitals before", { name: "a", labels: { "A/b": "" } }, ["labels", "A/b"], /is no key/],
    ["labels as a list", { name: "a", labels: ["a"] }, ["labels"], /is no mapping/],
  ];
  for (const [title, metadata, path, message] of wrong) {
    it(`refuses ${title}`, () => {
      const [fault, ...more] = metadataFaults(metadata);
      assert.deepEqual([fault?.path, more], [["metadata", ...path], []]);
      assert.match(fault?.message ?? "", message);
    });
  }
});
