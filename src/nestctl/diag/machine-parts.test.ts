import assert from "node:assert/strict";
import { bootstrapLines } from "./machine-parts.ts";

describe("bootstrapLines", () => {
  it("are what a member said of its bootstrap, and when", () => {
    const said = [
      "2026-01-02T03:04:05Z nestlet-bootstrap: failed: error: x\n",
      "2026-01-02T03:05:05Z login: nestlet-bootstrap: ready\n",
    ];
    const log = ["2026-01-02T03:04:00Z Linux version\n", ...said, "2026-01-02T03:06:00Z [  OK  ]"].join("");
    assert.equal(bootstrapLines(log), said.join(""));
  });
  it("are none where it has not begun", () => assert.equal(bootstrapLines("Linux version\n"), ""));
});
