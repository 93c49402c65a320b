import assert from "node:assert/strict";
import { ago, crashed, decision, minute, run, succeeded, uid } from "../../../test/support/runs.ts";
import { storedInstance, storedMachine, storedPod } from "../../../test/support/stored.ts";
import type { RunStrategy, VirtualMachineInstance, VirtualMachineStatus } from "../../api/resources.ts";
import { statusFromPod } from "../virtual-machine-instance/status.ts";
import { runStrategyOf } from "./run-strategy.ts";

const restart: VirtualMachineStatus["stateChangeRequests"] = [
  { action: "Stop", uid },
  { action: "Start", uid },
];
const paused = { status: "True", reason: "User", message: "", lastTransitionTime: ago(0) } as const;

const cases: {
  title: string;
  strategy: RunStrategy;
  instance?: VirtualMachineInstance;
  status?: VirtualMachineStatus;
  action: string;
  shows: string;
}[] = [
  { title: "a new one", strategy: "Always", action: "create", shows: "Starting" },
  { title: "a new one", strategy: "RerunOnFailure", action: "create", shows: "Starting" },
  { title: "a new one", strategy: "Once", action: "create", shows: "Starting" },
  { title: "a new one", strategy: "Halted", action: "none", shows: "Stopped" },
  { title: "a new one", strategy: "Manual", action: "none", shows: "Stopped" },
  {
    title: "a running one",
    strategy: "Always",
    instance: run({ phase: "Running" }),
    action: "none",
    shows: "Running",
  },
  {
    title: "a running one",
    strategy: "Halted",
    instance: run({ phase: "Running" }),
    action: "delete",
    shows: "Stopping",
  },
  {
    title: "a starting one",
    strategy: "Once",
    instance: run({ phase: "Scheduled" }),
    action: "none",
    shows: "Starting",
  },
  {
    title: "one that waits for something",
    strategy: "Always",
    instance: run({ phase: "Pending", reason: "SecretNotFound" }),
    action: "none",
    shows: "Provisioning",
  },
  {
    title: "one whose claim is missing",
    strategy: "Always",
    instance: run({ phase: "Pending", reason: "ClaimNotFound" }),
    action: "none",
    shows: "ErrorPvcNotFound",
  },
  {
    title: "one that fits no node",
    strategy: "Always",
    instance: run({ phase: "Scheduling", reason: "Unschedulable" }),
    action: "none",
    shows: "ErrorUnschedulable",
  },
  {
    title: "one whose claim is missing",
    strategy: "Always",
    instance: run({ phase: "Pending", reason: "ClaimNotFound" }),
    action: "none",
    shows: "ErrorPvcNotFound",
  },
  {
    title: "one whose image is never pulled",
    strategy: "Always",
    instance: run({ phase: "Scheduling", reason: "ErrImageNeverPull" }),
    action: "none",
    shows: "ErrImagePull",
  },
  {
    title: "one whose guest is paused",
    strategy: "Always",
    instance: run({ phase: "Running", conditions: [{ ...paused, type: "Paused" }] }),
    action: "none",
    shows: "Paused",
  },
  {
    title: "one whose node is lost",
    strategy: "Always",
    instance: run({ phase: "Unknown", reason: "NodeLost" }),
    action: "none",
    shows: "Unknown",
  },
  {
    title: "a guest that shut down",
    strategy: "Always",
    instance: run(succeeded),
    action: "delete",
    shows: "Starting",
  },
  {
    title: "a guest that shut down",
    strategy: "RerunOnFailure",
    instance: run(succeeded),
    action: "none",
    shows: "Stopped",
  },
  {
    title: "a guest that shut down",
    strategy: "Once",
    instance: run(succeeded),
    action: "none",
    shows: "Stopped",
  },
  {
    title: "a crash",
    strategy: "Always",
    instance: run(crashed),
    action: "delete",
    shows: "CrashLoopBackOff",
  },
  {
    title: "a crash",
    strategy: "RerunOnFailure",
    instance: run(crashed),
    action: "delete",
    shows: "CrashLoopBackOff",
  },
  { title: "a crash", strategy: "Once", instance: run(crashed), action: "none", shows: "Stopped" },
  { title: "a crash", strategy: "Manual", instance: run(crashed), action: "none", shows: "Stopped" },
  {
    title: "a node that was drained",
    strategy: "RerunOnFailure",
    instance: run({ phase: "Succeeded", reason: "Stopped" }),
    action: "delete",
    shows: "Starting",
  },
  {
    title: "a run that is to stop",
    strategy: "Manual",
    instance: run({ phase: "Running" }),
    status: { stateChangeRequests: [{ action: "Stop", uid }] },
    action: "delete",
    shows: "Stopping",
  },
  {
    title: "a run that was stopped",
    strategy: "RerunOnFailure",
    status: { lastRun: { uid }, stateChangeRequests: [{ action: "Stop", uid }] },
    action: "none",
    shows: "Stopped",
  },
  {
    title: "a run that is to be another",
    strategy: "Manual",
    instance: run({ phase: "Running" }),
    status: { stateChangeRequests: restart },
    action: "delete",
    shows: "Stopping",
  },
  {
    title: "a run that was to be another",
    strategy: "Manual",
    status: { lastRun: { uid }, stateChangeRequests: restart },
    action: "create",
    shows: "Starting",
  },
  {
    title: "a run that has ended and is to be another",
    strategy: "Manual",
    instance: run(crashed),
    status: { stateChangeRequests: [{ action: "Start", uid }] },
    action: "delete",
    shows: "Starting",
  },
  {
    title: "a request to start for the first time",
    strategy: "Manual",
    status: { stateChangeRequests: [{ action: "Start" }] },
    action: "create",
    shows: "Starting",
  },
  {
    title: "a start that was requested amid failures",
    strategy: "Always",
    status: {
      lastRun: { uid, phase: "Failed" },
      startFailure: { consecutiveFailCount: 4, retryAfterTimestamp: ago(-minute) },
      stateChangeRequests: [{ action: "Start", uid }],
    },
    action: "create",
    shows: "Starting",
  },
  {
    title: "requests before it",
    strategy: "Halted",
    status: { stateChangeRequests: [{ action: "Start" }] },
    action: "none",
    shows: "Stopped",
  },
  { title: "a crash", strategy: "Halted", instance: run(crashed), action: "delete", shows: "Stopped" },
  {
    title: "a shutdown that is remembered",
    strategy: "RerunOnFailure",
    status: { lastRun: { uid, phase: "Succeeded" } },
    action: "none",
    shows: "Stopped",
  },
  {
    title: "a run that is remembered",
    strategy: "Once",
    status: { lastRun: { uid } },
    action: "none",
    shows: "Stopped",
  },
  {
    title: "an instance that somebody deleted",
    strategy: "RerunOnFailure",
    status: { lastRun: { uid, startTime: ago(1000) } },
    action: "create",
    shows: "Starting",
  },
];

describe("a machine's next step", () => {
  for (const { title, strategy, instance, status, action, shows } of cases) {
    it(`with ${strategy} after ${title} is ${action}, shown as ${shows}`, () => {
      const decided = decision(strategy, instance, status);
      assert.equal(decided.action, action);
      assert.equal(decided.status.printableStatus, shows);
      assert.equal(decided.status.runStrategy, strategy);
    });
  }

  it("waits for the end of an instance that is being deleted", () => {
    const leaving = storedInstance({}, { phase: "Running" }, { deletionTimestamp: ago(0) });
    const decided = decision("Always", leaving);
    assert.equal(decided.action, "none");
    assert.equal(decided.status.printableStatus, "Stopping");
  });

  it("is told of a new instance as that will tell of itself first, so that nothing is written twice", () => {
    const made = decision("Always", storedInstance()).status;
    const first = statusFromPod(storedInstance(), storedPod({}), Date.parse(ago(0)));
    assert.equal(first.phase, "Scheduling");
    assert.deepEqual(decision("Always", storedInstance({}, first), made).status, made);
  });

  it("is told by running as well", () => {
    assert.equal(runStrategyOf(storedMachine({ running: true })), "Always");
    assert.equal(runStrategyOf(storedMachine({ running: false })), "Halted");
  });
});

describe("requests", () => {
  it("to stop are remembered as the run's end, and are over with the instance", () => {
    const status = { stateChangeRequests: [{ action: "Stop" as const, uid }] };
    const stopping = decision("RerunOnFailure", run({ phase: "Running" }), status).status;
    assert.deepEqual(stopping.stateChangeRequests, status.stateChangeRequests);
    assert.equal(stopping.lastRun?.reason, "StopRequested");
    // The guest had to be killed: that is no failure.
    const end = { phase: "Failed", reason: "Killed" } as const;
    const leaving = { ...run(end), metadata: { ...run(end).metadata, deletionTimestamp: ago(0) } };
    const ended = decision("RerunOnFailure", leaving, stopping).status;
    assert.equal(ended.startFailure, undefined);
    const gone = decision("RerunOnFailure", undefined, ended);
    assert.equal(gone.action, "none");
    assert.equal(gone.status.stateChangeRequests, undefined);
    assert.equal(gone.status.lastRun?.reason, "StopRequested");
    assert.equal(gone.status.conditions?.[0]?.message, "it was stopped by request");
  });

  it("to start are over with the next instance, and failures before them are forgotten", () => {
    const status: VirtualMachineStatus = {
      lastRun: { uid, phase: "Failed" },
      startFailure: { consecutiveFailCount: 4, retryAfterTimestamp: ago(-minute) },
      stateChangeRequests: [{ action: "Start", uid }],
    };
    const due = decision("Manual", undefined, status);
    assert.equal(due.action, "create");
    assert.deepEqual(due.status.stateChangeRequests, status.stateChangeRequests);
    assert.equal(due.status.startFailure, undefined);
    const next = storedInstance({}, undefined, { uid: "next" });
    const started = decision("Manual", next, due.status).status;
    assert.equal(started.stateChangeRequests, undefined);
    assert.equal(started.lastRun?.uid, "next");
  });
});
