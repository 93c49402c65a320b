import assert from "node:assert/strict";
import { ago, crashed, decision, minute, now, ranFor, run, uid } from "../../../test/support/runs.ts";
import { storedInstance, storedMachine } from "../../../test/support/stored.ts";
import type { VirtualMachineStatus } from "../../api/resources.ts";
import { decide } from "./decide.ts";
import { remembersTheSame } from "./memory.ts";

describe("crash-loop back-off", () => {
  const pauses = [1, 2, 3, 5, 6, 20].map((count) => {
    const startFailure = count === 1 ? {} : { startFailure: { consecutiveFailCount: count - 1 } };
    const { status } = decision("Always", run(crashed), startFailure);
    assert.equal(status.startFailure?.consecutiveFailCount, count);
    return (Date.parse(status.startFailure.retryAfterTimestamp ?? "") - now) / 1000;
  });

  it("grows with the square of the failures, up to five minutes", () => {
    assert.deepEqual(pauses, [10, 40, 90, 250, 300, 300]);
  });

  it("is spread by chance", () => {
    const { status } = decide(storedMachine({ runStrategy: "Always" }), run(crashed), now, 1);
    assert.equal(Date.parse(status.startFailure?.retryAfterTimestamp ?? "") - now, 15_000);
  });

  it("is counted once a run", () => {
    const first = decision("Always", run(crashed));
    const second = decision("Always", run(crashed), first.status);
    assert.deepEqual(second.status.startFailure, first.status.startFailure);
  });

  it("holds the next run back until its time, and no longer", () => {
    const status = {
      lastRun: { uid, phase: "Failed" as const },
      startFailure: { consecutiveFailCount: 1, retryAfterTimestamp: new Date(now + 4000).toISOString() },
    };
    const waiting = decision("Always", undefined, status);
    assert.equal(waiting.action, "none");
    assert.equal(waiting.requeueAfterMs, 4000);
    assert.equal(waiting.status.printableStatus, "CrashLoopBackOff");
    const due = decide(storedMachine({ runStrategy: "Always" }, status), undefined, now + 4000, 0);
    assert.equal(due.action, "create");
  });

  it("begins anew for a guest that ran well before it failed", () => {
    const startFailure = { consecutiveFailCount: 5, retryAfterTimestamp: ago(2 * minute) };
    const { status } = decision("Always", ranFor(minute, crashed), { startFailure });
    assert.equal(status.startFailure?.consecutiveFailCount, 1);
  });

  it("is forgotten while the guest runs well, and looked at when it will have", () => {
    const startFailure = { consecutiveFailCount: 5, retryAfterTimestamp: ago(2 * minute) };
    const early = decision("Always", ranFor(minute - 1000, { phase: "Running" }), { startFailure });
    assert.equal(early.requeueAfterMs, 1000);
    assert.deepEqual(early.status.startFailure, startFailure);
    const well = decision("Always", ranFor(minute, { phase: "Running" }), { startFailure });
    assert.equal(well.status.startFailure, undefined);
    assert.equal(well.requeueAfterMs, undefined);
  });

  it("is not looked at again for a guest that is not to run again", () => {
    const over = ranFor(2 * minute, { phase: "Failed", reason: "LauncherDied" });
    const { action, status, requeueAfterMs } = decision("Once", over);
    assert.equal(status.startFailure?.consecutiveFailCount, 1);
    assert.deepEqual([action, requeueAfterMs], ["none", undefined]);
  });

  it("is not for instances that were deleted", () => {
    const end = { phase: "Failed", reason: "Killed" } as const;
    const deleted = storedInstance({}, end, { deletionTimestamp: ago(0) });
    assert.equal(decision("Always", deleted).status.startFailure, undefined);
  });

  it("says in the Ready condition when the next run starts", () => {
    const status = {
      lastRun: { uid, phase: "Failed" as const, reason: "Crashed" },
      startFailure: { consecutiveFailCount: 1, retryAfterTimestamp: ago(-4000) },
    };
    const [ready] = decision("Always", undefined, status).status.conditions ?? [];
    assert.equal(ready?.reason, "CrashLoopBackOff");
    assert.equal(ready.message, `the last run failed (Crashed); the next one starts at ${ago(-4000)}`);
  });

  it("is not for guests that shut down, but their runs begin ten seconds apart", () => {
    const lastRun = { uid, phase: "Succeeded" as const, startTime: ago(4000) };
    const decided = decision("Always", undefined, { lastRun });
    assert.equal(decided.action, "none");
    assert.equal(decided.requeueAfterMs, 6000);
    assert.equal(decided.status.startFailure, undefined);
  });
});

describe("what a machine remembers", () => {
  it("is how its run ended, stored before the instance is deleted", () => {
    const { action, status } = decision("RerunOnFailure", run(crashed));
    assert.equal(action, "delete");
    assert.deepEqual(status.lastRun, {
      uid,
      startTime: ago(minute),
      phase: "Failed",
      reason: "Crashed",
      endTime: ago(0),
    });
  });

  it("is nothing once it was halted", () => {
    const status: VirtualMachineStatus = {
      lastRun: { uid, phase: "Succeeded" },
      startFailure: { consecutiveFailCount: 2 },
    };
    const halted = decision("Halted", undefined, status).status;
    assert.equal(halted.lastRun, undefined);
    assert.equal(halted.startFailure, undefined);
  });

  it("is told from what follows from it", () => {
    const before = decision("Always", undefined).status;
    assert.equal(remembersTheSame({}, before), true, "a first start has nothing to remember");
    const running = decision("Always", run({ phase: "Running" }), before).status;
    assert.equal(remembersTheSame(before, running), false, "a run is remembered");
    assert.equal(remembersTheSame(running, { ...running, printableStatus: "Stopped", ready: false }), true);
    const request: VirtualMachineStatus = { stateChangeRequests: [{ action: "Start" }] };
    assert.equal(remembersTheSame({}, request), false);
  });
});
