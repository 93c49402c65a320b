import assert from "node:assert/strict";
import { ManualClock } from "../../test/support/manual-clock.ts";
import { Settling } from "./settling.ts";

describe("settling", () => {
  it("holds a change back from when it was first seen", () => {
    const clock = new ManualClock();
    const settling = new Settling(clock, 1000);
    assert.equal(settling.remainingMs("a"), 1000);
    clock.advance(700);
    assert.equal(settling.remainingMs("a"), 300);
    clock.advance(700);
    assert.equal(settling.remainingMs("a"), 0);
    settling.clear("a");
    assert.equal(settling.remainingMs("a"), 1000);
  });
});
