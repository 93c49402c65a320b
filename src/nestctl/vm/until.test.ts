import assert from "node:assert/strict";
import { durationMs, until } from "./until.ts";

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

describe("until", () => {
  it("gives what it finds, at the first or at a later look", async () => {
    let looks = 0;
    assert.equal(await until(0, () => Promise.resolve("at once")), "at once");
    assert.equal(await until(5000, () => Promise.resolve(++looks === 2 ? looks : undefined)), 2);
  });
  it("gives up when the time is over", async () => {
    const found = await until<string>(10, () => Promise.resolve(undefined));
    assert.equal(found, undefined);
  });
});
