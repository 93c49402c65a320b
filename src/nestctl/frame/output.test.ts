import assert from "node:assert/strict";
import { tableText, valueText } from "./output.ts";

describe("tableText", () => {
  it("lines up its columns", () => {
    const text = tableText(
      ["name", "phase"],
      [
        ["web", "Running"],
        ["a-longer-name", ""],
      ],
    );
    assert.equal(text, "NAME            PHASE\nweb             Running\na-longer-name\n");
  });
  it("counts characters, not bytes", () => {
    assert.equal(tableText(["a", "b"], [["ä→", "1"]]), "A    B\nä→   1\n");
  });
});

describe("valueText", () => {
  it("is YAML unless JSON is asked for", async () => {
    assert.equal(await valueText({ a: [1] }, undefined), "a:\n  - 1\n");
    assert.equal(await valueText({ a: 1 }, "json"), '{\n  "a": 1\n}\n');
  });
});
