import assert from "node:assert/strict";
import { until } from "./until.ts";

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
