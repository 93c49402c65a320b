import assert from "node:assert/strict";
import { countOf, durationMs, portOf } from "./flag-values.ts";

describe("countOf", () => {
  it("is a number", () => {
    assert.equal(countOf("20", "--tail"), 20);
    assert.throws(() => countOf("all", "--tail"), /--tail: "all"/);
  });
});

describe("durationMs", () => {
  for (const [text, ms] of [
    ["90", 90_000],
    ["90s", 90_000],
    ["5m", 300_000],
    ["1h30m", 5_400_000],
    ["1.5s", 1500],
    ["250ms", 250],
  ] as const) {
    it(`${text} is ${ms} ms`, () => assert.equal(durationMs(text, "--timeout"), ms));
  }
  for (const text of ["", "soon", "5 m", "m5", "5d", "-1s"]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => durationMs(text, "--timeout"), {
        exitCode: 2,
        message: /^--timeout: .*no duration/,
      });
    });
  }
});

describe("portOf", () => {
  it("is a number from 1 to 65535", () => {
    assert.equal(portOf("65535", "--port"), 65_535);
    assert.throws(() => portOf("65536", "--port"), { remedy: /1 to 65535/ });
  });
});
