import assert from "node:assert/strict";
import { ManualClock } from "../../test/support/manual-clock.ts";
import { Expectations } from "./expectations.ts";

describe("expectations", () => {
  it("last until they are fulfilled or too old", () => {
    const clock = new ManualClock();
    const expectations = new Expectations(clock, 1000);
    assert.equal(expectations.pendingMs("a"), 0);
    expectations.expect("a");
    expectations.expect("b");
    clock.advance(400);
    assert.equal(expectations.pendingMs("a"), 600);
    expectations.fulfil("a");
    assert.equal(expectations.pendingMs("a"), 0);
    clock.advance(600);
    assert.equal(expectations.pendingMs("b"), 0);
  });

  it("are not kept for owners that have gone", () => {
    const clock = new ManualClock();
    const expectations = new Expectations(clock, 1000);
    expectations.expect("gone");
    expectations.expect("again");
    clock.advance(500);
    expectations.expect("again");
    clock.advance(500);
    expectations.expect("new");
    assert.equal(expectations.size, 2);
    assert.equal(expectations.pendingMs("again"), 500);
  });
});
