import assert from "node:assert/strict";
import { cores, readings } from "./processor-time.ts";

describe("a pod's processor time", () => {
  const summary = JSON.stringify({
    pods: [
      {
        podRef: { name: "a", namespace: "ours" },
        cpu: { time: "2026-01-01T00:00:10Z", usageCoreNanoSeconds: 4e9 },
      },
      {
        podRef: { name: "a", namespace: "theirs" },
        cpu: { time: "2026-01-01T00:00:10Z", usageCoreNanoSeconds: 9e9 },
      },
      { podRef: { name: "started just now", namespace: "ours" }, cpu: { time: "2026-01-01T00:00:10Z" } },
      { podRef: { name: "not read yet", namespace: "ours" } },
    ],
  });

  it("is read for the namespace's pods that the kubelet has looked at", () => {
    assert.deepEqual(
      readings(summary, "ours"),
      new Map([["a", { atMs: Date.parse("2026-01-01T00:00:10Z"), used: 4e9 }]]),
    );
    assert.deepEqual(readings("{}", "ours"), new Map());
  });

  it("is told in cores", () => {
    assert.equal(cores({ atMs: 10_000, used: 4e9 }, { atMs: 70_000, used: 34e9 }), 0.5);
  });

  it("is not told by one reading that came twice", () => {
    const once = { atMs: 10_000, used: 4e9 };
    assert.throws(() => cores(once, once), RangeError);
  });
});
