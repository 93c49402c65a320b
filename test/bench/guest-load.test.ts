import assert from "node:assert/strict";
import { roundsOf } from "./guest-load.ts";

describe("the log of the guests' load", () => {
  const lines = [
    "67108864 bytes (67 MB, 64 MiB) copied, 0.5 s, 134 MB/s",
    "67108864 bytes (67 MB, 64 MiB) copied, 0.25 s, 268 MB/s",
    "1000",
    "2000.5",
  ];
  it("has a round a line", () => {
    const log = `a word of node's\n${JSON.stringify({ guest: "bare", lines })}\n`;
    assert.deepEqual(roundsOf(log), [
      {
        guest: "bare",
        figures: {
          "disk write": 134_217_728,
          "disk read": 268_435_456,
          "network in": 1000,
          "network out": 2000.5,
        },
      },
    ]);
  });
  it("is not read past what dd could not do", () => {
    const log = JSON.stringify({ guest: "bare", lines: ["dd: failed to open '/dev/vdb'"] });
    assert.throws(() => roundsOf(log), /dd said: dd: failed to open/);
  });
});
