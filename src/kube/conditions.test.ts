import assert from "node:assert/strict";
import { updateConditions } from "./conditions.ts";

describe("conditions", () => {
  const ready = { type: "Ready", status: "True", reason: "Yes", message: "" } as const;

  it("keep their time while their status does", () => {
    const first = updateConditions(undefined, [ready], 1, "t1");
    assert.deepEqual(first, [{ ...ready, lastTransitionTime: "t1", observedGeneration: 1 }]);
    const second = updateConditions(first, [{ ...ready, message: "still" }], 2, "t2");
    assert.deepEqual(second, [
      { ...ready, message: "still", lastTransitionTime: "t1", observedGeneration: 2 },
    ]);
    const third = updateConditions(second, [{ ...ready, status: "False" }], 2, "t3");
    assert.equal(third[0]?.lastTransitionTime, "t3");
  });

  it("are dropped when they are no longer given", () => {
    const before = updateConditions(undefined, [ready], undefined, "t1");
    assert.deepEqual(updateConditions(before, [], undefined, "t2"), []);
  });
});
