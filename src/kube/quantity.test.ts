import assert from "node:assert/strict";
import { parseQuantity } from "./quantity.ts";

const cases: [string | number, number][] = [
  [5, 5],
  ["0", 0],
  ["128974848", 128974848],
  ["129e6", 129e6],
  ["129M", 129e6],
  ["123Mi", 123 * 2 ** 20],
  ["1.5Gi", 1.5 * 2 ** 30],
  [".5", 0.5],
  ["2.", 2],
  ["100m", 0.1],
  ["1E", 1e18],
  ["1E3", 1000],
  ["1Ei", 2 ** 60],
  ["-1k", -1000],
  ["+3Ki", 3072],
];

describe("a quantity", () => {
  for (const [text, number] of cases) {
    it(`${String(text)} is ${String(number)}`, () => {
      assert.equal(parseQuantity(text), number);
    });
  }

  for (const wrong of ["", "1 Gi", "1GB", "Mi", "1e", "0x10", "1KiB"]) {
    it(`"${wrong}" is none`, () => {
      assert.throws(() => parseQuantity(wrong), /is not a quantity; write for example 512Mi/);
    });
  }
});
