import assert from "node:assert/strict";
import { inSeconds, spread } from "./statistics.ts";

describe("spread", () => {
  const cases: [number[], string][] = [
    [[900], "0.90 s (0.90–0.90)"],
    [[1000, 800], "0.90 s (0.80–1.00)"],
    [[5000, 1000, 2000], "2.00 s (1.00–5.00)"],
  ];
  for (const [values, text] of cases) {
    it(`${values.join(", ")} ms is ${text}`, () => {
      assert.equal(inSeconds(spread(values)), text);
    });
  }
  it("has no median of nothing", () => {
    assert.throws(() => spread([]), /no values/);
  });
});
