import assert from "node:assert/strict";
import { MARKS } from "./bare-cluster.ts";
import { comparison, note, type Progress } from "./yardstick.ts";

describe("the yardstick of nested clusters", () => {
  it("is timed by the first of each line", () => {
    const progress: Progress = {};
    const lines = ["boot", MARKS.initialized, `login: ${MARKS.joined}`, MARKS.initialized, MARKS.joined];
    for (const [seconds, line] of lines.entries()) note(progress, MARKS, line, seconds);
    assert.deepEqual(progress, { initialized: 1, joined: 2 });
  });

  it("gives a ratio when it is Ready", () => {
    const lines = comparison({ initialized: 500, joined: 700, ready: 800 }, 1800, 400);
    assert.ok(lines.includes("| qemu and kubeadm alone | 800 s |"));
    assert.equal(lines.at(-1), "| ratio | 0.50 × |");
  });

  it("is a bound when it is not, with how far it has come", () => {
    const lines = comparison({ initialized: 500 }, 1800, 360);
    assert.ok(lines.includes("| qemu and kubeadm alone | not within 1800 s |"));
    assert.ok(lines.includes("| … kubeadm init done | 500 s |"));
    assert.ok(lines.includes("| … worker joined | not within 1800 s |"));
    assert.equal(lines.at(-1), "| ratio | less than 0.20 × |");
  });
});
