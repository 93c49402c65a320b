import assert from "node:assert/strict";
import { haltingBootSector } from "./halt.ts";

describe("haltingBootSector", () => {
  it("is one sector that a BIOS boots, and stops at once", () => {
    const sector = haltingBootSector();
    assert.equal(sector.length, 512);
    assert.equal(sector.subarray(510).toString("hex"), "55aa");
    assert.equal(sector.subarray(0, 4).toString("hex"), "faf4ebfd");
  });
});
