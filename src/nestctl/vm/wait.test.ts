import assert from "node:assert/strict";
import { judge, waitTargets } from "./wait.ts";

const conditions = [{ type: "Ready", status: "False", reason: "Starting", message: "the guest boots" }];

describe("judge", () => {
  const table: readonly (readonly [string, Parameters<typeof judge>[0], string, object])[] = [
    ["a machine's status", { status: { printableStatus: "Running" } }, "running", { met: true }],
    ["an instance's phase", { status: { phase: "Running" } }, "Running", { met: true }],
    ["another", { status: { printableStatus: "Stopped" } }, "Running", { met: false, now: "Stopped" }],
    ["no status yet", {}, "Running", { met: false, now: "Pending" }],
    [
      "a machine whose run failed",
      { status: { printableStatus: "CrashLoopBackOff" } },
      "Running",
      { met: false, now: "CrashLoopBackOff" },
    ],
    [
      "an instance that has ended",
      { status: { phase: "Failed", message: "qemu died" } },
      "Running",
      { met: false, now: "Failed (qemu died)", never: "an instance that has ended does not come back" },
    ],
    ["a condition", { status: { conditions } }, "condition=ready=False", { met: true }],
    [
      "a condition that is not met",
      { status: { conditions } },
      "condition=Ready",
      { met: false, now: "Ready=False (the guest boots)" },
    ],
    [
      "a condition that is not there",
      { status: {} },
      "condition=Paused",
      { met: false, now: "without Paused" },
    ],
    ["the absence of a condition", {}, "condition=Paused=False", { met: true }],
    ["an end", undefined, "delete", { met: true }],
    ["an end that is to come", {}, "delete", { met: false, now: "still there" }],
    ["nothing", undefined, "Running", { met: false, now: "not there" }],
  ];
  for (const [title, object, wish, verdict] of table) {
    it(title, () => assert.deepEqual(judge(object, wish), verdict));
  }
});

describe("waitTargets", () => {
  for (const [words, plural, names] of [
    [["web"], "virtualmachines", ["web"]],
    [["web", "db"], "virtualmachines", ["web", "db"]],
    [["cluster", "lab"], "coreosclusters", ["lab"]],
    [["vmi/web"], "virtualmachineinstances", ["web"]],
  ] as const) {
    it(words.join(" "), () => assert.deepEqual(waitTargets(words), { plural, names }));
  }
  it("wants a name", () => {
    assert.throws(() => waitTargets(["vm"]), /no name/);
    assert.throws(() => waitTargets(["pod/web"]), /no kind/);
  });
});
