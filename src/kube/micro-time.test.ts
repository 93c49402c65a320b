import assert from "node:assert/strict";
import { microTime, wholeSeconds } from "./micro-time.ts";

describe("times", () => {
  it("have six digits or none, as the field wants", () => {
    assert.equal(microTime(Date.parse("2030-01-01T00:00:00.012Z")), "2030-01-01T00:00:00.012000Z");
    assert.equal(wholeSeconds(Date.parse("2030-01-01T00:00:00.012Z")), "2030-01-01T00:00:00Z");
  });
});
