import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { ManualClock } from "../../../test/support/manual-clock.ts";
import { storedInstance, storedPod } from "../../../test/support/stored.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { Pod } from "../../kube/object.ts";
import { mayBePaused, Pauses, pauseWordIn } from "./pauses.ts";

const at = "2030-01-01T00:00:00Z";
const ran = { phaseTransitionTimestamps: [{ phase: "Running" as const, phaseTransitionTimestamp: at }] };
const container = { name: "compute", image: "", imageID: "", restartCount: 0 };
const paused = '{"level":"info","msg":"the guest is paused","reason":"User"}';
const full = '{"level":"info","msg":"the guest is paused","reason":"IOError"}';
const goesOn = '{"level":"info","msg":"the guest goes on"}';

function pod(ready: boolean, more: Partial<Pod["metadata"]> = {}): Pod {
  const compute = { ...container, ready, state: { running: {} } };
  return storedPod({ containerStatuses: [compute] }, {}, more);
}

describe("pauseWordIn", () => {
  const table: readonly (readonly [string, ReturnType<typeof pauseWordIn>])[] = [
    ["", undefined],
    ["login:\n{}\n{not JSON\n", undefined],
    [`${paused}\nlogin:\n{"msg":"verb"}\n`, { reason: "User" }],
    [`${paused}\n${full}\n`, { reason: "IOError" }],
    [`${paused}\n${goesOn}\n`, "goesOn"],
    [`${goesOn}\n${paused}`, { reason: "User" }],
    ['{"msg":"the guest is paused"}', { reason: "Unknown" }],
    ['{"msg":"the guest is paused","reason":"a b"}', { reason: "Unknown" }],
    ['{"msg":["the guest is paused"]}', undefined],
  ];
  for (const [log, word] of table) {
    it(JSON.stringify(log), () => assert.deepEqual(pauseWordIn(log), word));
  }
});

describe("mayBePaused", () => {
  const instance = storedInstance({}, ran);
  const ended = storedPod({
    containerStatuses: [{ ...container, ready: false, state: { terminated: { exitCode: 0 } } }],
  });
  const table: readonly (readonly [string, VirtualMachineInstance, Pod, boolean])[] = [
    ["a guest that ran and is not ready", instance, pod(false), true],
    ["one that is ready", instance, pod(true), false],
    ["one that has not run yet", storedInstance(), pod(false), false],
    ["one that is leaving", instance, pod(false, { deletionTimestamp: at }), false],
    ["one that is over", instance, ended, false],
  ];
  for (const [what, vmi, its, expected] of table) {
    it(`${what}: ${String(expected)}`, () => assert.equal(mayBePaused(vmi, its), expected));
  }
});

describe("Pauses", () => {
  let clock: ManualClock;
  let log: string | undefined;
  let reads: string[];
  let pauses: Pauses;
  const instance = storedInstance({}, ran);
  beforeEach(() => {
    clock = new ManualClock();
    log = "";
    reads = [];
    pauses = new Pauses(async (namespace, name) => {
      reads.push(`${namespace}/${name}`);
      if (log === undefined) throw new Error("the kubelet does not answer");
      return Promise.resolve(log);
    }, clock);
  });

  it("reads no log of a guest that is ready", () => {
    assert.deepEqual(pauses.view(instance, pod(true)), { looking: false });
    assert.deepEqual(reads, []);
  });

  it("finds the reason, and looks again from time to time", async () => {
    log = paused;
    assert.deepEqual(pauses.view(instance, pod(false)), { againMs: 100, looking: true });
    await turn();
    assert.deepEqual(pauses.view(instance, pod(false)), { reason: "User", againMs: 30_000, looking: false });
    assert.match(reads.join(), /^ns\/virt-launcher-a-[0-9a-f]+$/);
    clock.advance(30_000);
    log = goesOn;
    assert.deepEqual(pauses.view(instance, pod(false)), { reason: "User", againMs: 100, looking: false });
    await turn();
    assert.deepEqual(pauses.view(instance, pod(false)), { againMs: 30_000, looking: false });
  });

  it("looks at once when a guest that was ready again is not", async () => {
    log = goesOn;
    pauses.view(instance, pod(false));
    await turn();
    pauses.view(instance, pod(true));
    log = paused;
    assert.equal(pauses.view(instance, pod(false)).looking, true);
    await turn();
    assert.equal(pauses.view(instance, pod(false)).reason, "User");
  });

  it("keeps what is known when the log says nothing, or cannot be read", async () => {
    const condition = { type: "Paused", status: "True" as const, reason: "IOError", message: "" };
    const known = storedInstance({}, { ...ran, conditions: [{ ...condition, lastTransitionTime: at }] });
    for (const said of [undefined, "login:"]) {
      log = said;
      pauses.view(known, pod(false));
      await turn();
      assert.equal(pauses.view(known, pod(false)).reason, "IOError");
      assert.equal(pauses.view(known, pod(true)).reason, undefined);
    }
  });

  it("does not wait for nodes that do not answer", () => {
    const silent = new Pauses(() => new Promise(() => undefined), clock);
    const views = [1, 2, 3, 4, 5].map((uid) =>
      silent.view(storedInstance({}, ran, { name: `a${uid}`, uid: String(uid) }), pod(false)),
    );
    assert.deepEqual(
      views.map(({ looking }) => looking),
      [true, true, true, true, false],
    );
  });

  it("knows nothing of another instance of the name", async () => {
    log = paused;
    pauses.view(instance, pod(false));
    await turn();
    log = "";
    const next = storedInstance({}, ran, { uid: "another" });
    pauses.view(next, pod(false));
    await turn();
    assert.equal(pauses.view(next, pod(false)).reason, undefined);
  });
});
