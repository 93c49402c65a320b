import assert from "node:assert/strict";
import { lineOfFault } from "./json-line.ts";

describe("the line of a fault in a JSON text", () => {
  for (const [text, line] of [
    ["variant: fcos", 1],
    ['{\n"a": [1,\n2,]\n}\n', 3],
    ['{\n"a": tru\n}', 2],
    ['{"a": {\n\n"b": 0x1}}', 3],
    ['{\n"a": nulL,\n"b": }\n', 2],
    ['{\n"a":1,\n}', 3],
    ['{\n"a":\n01}', 3],
    ['{"a":1}\n\nx', 3],
    ['{\n"ignition": {\n\n', 2],
    ["", 1],
  ] as const) {
    it(`${JSON.stringify(text)} is ${line}`, () => {
      assert.throws(
        () => {
          JSON.parse(text);
        },
        (error: SyntaxError) => {
          assert.equal(lineOfFault(text, error), line);
          return true;
        },
      );
    });
  }
});
