import assert from "node:assert/strict";
import { storedInstance, storedMachine } from "../../../test/support/stored.ts";
import type { RunStrategy, VirtualMachineInstance, VirtualMachineStatus } from "../../api/resources.ts";
import { pendingRequests, verdictOn, type Verdict } from "./request.ts";

const now = Date.parse("2030-01-01T01:00:00Z");
const running = storedInstance({}, { phase: "Running" });
const ended = storedInstance({}, { phase: "Succeeded" });
const leaving = storedInstance({}, { phase: "Running" }, { deletionTimestamp: "2030-01-01T00:59:00Z" });
const { uid } = running.metadata;
const lastRun = { uid, phase: "Failed" } as const;
const stop = { action: "Stop", uid } as const;
const start = { action: "Start", uid } as const;

function verdict(
  requested: string,
  runStrategy: RunStrategy,
  instance?: VirtualMachineInstance,
  status?: VirtualMachineStatus,
): Verdict | undefined {
  const annotations = { "nestlet.dev/request": requested };
  return verdictOn(storedMachine({ runStrategy }, status, { annotations }), instance, now);
}

const accepted: {
  request: string;
  strategy: RunStrategy;
  of: string;
  instance?: VirtualMachineInstance;
  status?: VirtualMachineStatus;
  requests: VirtualMachineStatus["stateChangeRequests"];
}[] = [
  { request: "start", strategy: "Manual", of: "a new machine", requests: [{ action: "Start" }] },
  { request: "start", strategy: "Manual", of: "one that has ended", instance: ended, requests: [start] },
  { request: "start", strategy: "Manual", of: "one that is stopping", instance: leaving, requests: [start] },
  { request: "start", strategy: "Always", of: "one that backs off", status: { lastRun }, requests: [start] },
  { request: "stop", strategy: "Manual", of: "a running one", instance: running, requests: [stop] },
  { request: "stop", strategy: "Once", of: "a running one", instance: running, requests: [stop] },
  {
    request: "stop",
    strategy: "RerunOnFailure",
    of: "one being deleted",
    instance: leaving,
    requests: [stop],
  },
  {
    request: "stop",
    strategy: "RerunOnFailure",
    of: "one that backs off",
    status: { lastRun, startFailure: { consecutiveFailCount: 1 } },
    requests: [stop],
  },
  {
    request: "stop",
    strategy: "Manual",
    of: "one that is to start",
    status: { stateChangeRequests: [{ action: "Start" }] },
    requests: undefined,
  },
  { request: "restart", strategy: "Always", of: "a running one", instance: running, requests: [stop, start] },
  { request: "restart", strategy: "Manual", of: "a running one", instance: running, requests: [stop, start] },
];

const refused: {
  request: string;
  strategy: RunStrategy;
  of: string;
  instance?: VirtualMachineInstance;
  status?: VirtualMachineStatus;
  says: RegExp;
}[] = [
  {
    request: "start",
    strategy: "Halted",
    of: "any",
    says: /runStrategy is Halted; .*kubectl patch vm a --namespace ns --type=merge -p '\{"spec":\{"runStrategy":"Always"\}\}'/,
  },
  { request: "start", strategy: "Always", of: "a running one", instance: running, says: /request restart/ },
  { request: "start", strategy: "Once", of: "one that is over", status: { lastRun }, says: /to Manual/ },
  {
    request: "stop",
    strategy: "Always",
    of: "a running one",
    instance: running,
    says: /"runStrategy":"Halted"/,
  },
  { request: "stop", strategy: "Halted", of: "any", says: /stopped already, or about to be/ },
  { request: "stop", strategy: "Manual", of: "a stopped one", says: /it is stopped already/ },
  { request: "stop", strategy: "RerunOnFailure", of: "a new one", says: /it has not run yet/ },
  { request: "restart", strategy: "Once", of: "a running one", instance: running, says: /set it to Manual/ },
  { request: "restart", strategy: "Manual", of: "a stopped one", says: /not running; request start/ },
  { request: "restart", strategy: "Halted", of: "any", says: /runStrategy is Halted/ },
  {
    request: "reboot",
    strategy: "Manual",
    of: "any",
    says: /"reboot" is not known; write start, stop or restart/,
  },
];

describe("a request", () => {
  for (const { request, strategy, of, instance, status, requests } of accepted) {
    it(`to ${request} ${of} with ${strategy} is kept`, () => {
      const { status: kept, event } = verdict(request, strategy, instance, status) ?? assert.fail();
      assert.deepEqual(kept.stateChangeRequests, requests);
      assert.deepEqual(kept.lastRequest, {
        action: request,
        accepted: true,
        time: "2030-01-01T01:00:00.000Z",
      });
      assert.equal(event.type, "Normal");
    });
  }

  for (const { request, strategy, of, instance, status, says } of refused) {
    it(`to ${request} ${of} with ${strategy} is refused with the remedy`, () => {
      const { status: kept, event } = verdict(request, strategy, instance, status) ?? assert.fail();
      assert.equal(kept.lastRequest?.accepted, false);
      assert.match(kept.lastRequest.message ?? "", says);
      assert.equal(event.type, "Warning");
      assert.equal(event.note, kept.lastRequest.message);
    });
  }

  it("that is refused leaves those that were accepted", () => {
    const status = { stateChangeRequests: [stop, start] };
    assert.deepEqual(verdict("reboot", "Manual", leaving, status)?.status.stateChangeRequests, [stop, start]);
  });

  it("under the name of running is answered in its terms", () => {
    const annotations = { "nestlet.dev/request": "stop" };
    const machine = storedMachine({ running: true }, undefined, { annotations });
    assert.match(verdictOn(machine, running, now)?.status.lastRequest?.message ?? "", /"running":false/);
  });

  it("is none where there is no annotation", () => {
    assert.equal(verdictOn(storedMachine({ runStrategy: "Manual" }), running, now), undefined);
  });

  it("is done when its instance is gone, or the next one is there", () => {
    assert.deepEqual(pendingRequests([stop, start], running), [stop, start]);
    assert.deepEqual(pendingRequests([stop, start], undefined), [start]);
    const next = storedInstance({}, undefined, { uid: "next" });
    assert.deepEqual(pendingRequests([stop, start], next), []);
    assert.deepEqual(pendingRequests([{ action: "Start" }], next), []);
  });
});
