import assert from "node:assert/strict";
import { Allowance } from "./allowance.ts";

describe("Allowance", () => {
  it("gives a burst, then so much a second, and never more than a burst", () => {
    const allowance = new Allowance(100, 10, 0);
    assert.equal(allowance.left(0), 100);
    allowance.spend(100);
    assert.equal(allowance.left(0), 0);
    assert.equal(allowance.left(50), 0);
    assert.equal(allowance.left(2500), 25);
    allowance.spend(20);
    assert.equal(allowance.left(2500), 5);
    assert.equal(allowance.left(60_000), 100);
  });
});
