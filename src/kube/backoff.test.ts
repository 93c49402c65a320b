import assert from "node:assert/strict";
import { Backoff } from "./backoff.ts";

describe("back-off", () => {
  it("doubles up to its limit, with chance added, and begins anew after a reset", () => {
    const backoff = new Backoff(100, 300, () => 0.5);
    assert.deepEqual([backoff.next(), backoff.next(), backoff.next()], [125, 250, 375]);
    backoff.reset();
    assert.equal(backoff.next(), 125);
  });
});
