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

  it("gives ratios when it is Ready", () => {
    const bare = { initialized: 500, joined: 700, ready: 800, idleCores: 2 };
    const lines = comparison(bare, 1800, { ready: 400, idleCores: 0.5 });
    assert.ok(lines.includes("| qemu and kubeadm alone | 800 s | 2.00 |"));
    assert.ok(lines.includes("| CoreOSCluster | 400 s | 0.50 |"));
    assert.equal(lines.at(-1), "| ratio | 0.50 × | 0.25 × |");
  });

  it("is a bound when it is not, with how far it has come", () => {
    const lines = comparison({ initialized: 500 }, 1800, { ready: 360, idleCores: 0.5 });
    assert.ok(lines.includes("| qemu and kubeadm alone | not within 1800 s | |"));
    assert.ok(lines.includes("| … kubeadm init done | 500 s | |"));
    assert.ok(lines.includes("| … worker joined | not within 1800 s | |"));
    assert.equal(lines.at(-1), "| ratio | less than 0.20 × | |");
  });
});
