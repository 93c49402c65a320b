import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { ManualClock } from "../../../test/support/manual-clock.ts";
import { storedInstance, storedPod } from "../../../test/support/stored.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { Pod } from "../../kube/object.ts";
import { acceleratorIn, Accelerators } from "./accelerators.ts";

const at = "2030-01-01T00:00:00Z";
const ran = { phaseTransitionTimestamps: [{ phase: "Running" as const, phaseTransitionTimestamp: at }] };
const kvm = '{"level":"info","msg":"acceleration chosen","accelerator":"kvm"}';
const emulated = '{"msg":"acceleration chosen","accelerator":"tcg","obstacle":"no vmx"}';

function pod(ready = true, more: Partial<Pod["metadata"]> = {}): Pod {
  const compute = { name: "compute", image: "", imageID: "", restartCount: 0, ready, state: { running: {} } };
  return storedPod({ containerStatuses: [compute] }, {}, more);
}

describe("acceleratorIn", () => {
  const table: readonly (readonly [string, ReturnType<typeof acceleratorIn>])[] = [
    ["", undefined],
    [`{"msg":"step done"}\n${kvm}\n`, { type: "kvm" }],
    [`login:\n{}\n{not JSON\n${emulated}`, { type: "tcg", reason: "no vmx" }],
    // What a guest writes comes later.
    [`${emulated}\n${kvm}\n`, { type: "tcg", reason: "no vmx" }],
    ['{"msg":"acceleration chosen","accelerator":"warp"}', undefined],
    ['{"msg":"acceleration chosen","accelerator":"tcg","obstacle":7}', { type: "tcg" }],
    ['{"msg":"step done","accelerator":"kvm"}', undefined],
  ];
  for (const [log, found] of table) {
    it(JSON.stringify(log), () => assert.deepEqual(acceleratorIn(log), found));
  }
  it("a reason that the status has room for", () => {
    const long = JSON.stringify({
      msg: "acceleration chosen",
      accelerator: "tcg",
      obstacle: "x".repeat(5000),
    });
    assert.equal(acceleratorIn(long)?.reason?.length, 1024);
  });
});

describe("Accelerators", () => {
  let clock: ManualClock;
  let reads: string[];
  let answer: (log: string) => void;
  let fail: () => void;
  let accelerators: Accelerators;
  const instance = storedInstance();
  const running = storedInstance({}, ran);
  beforeEach(() => {
    clock = new ManualClock();
    reads = [];
    accelerators = new Accelerators(async (namespace, name) => {
      reads.push(`${namespace}/${name}`);
      return new Promise((resolve, reject) => {
        answer = resolve;
        fail = () => reject(new Error("the kubelet does not answer"));
      });
    }, clock);
  });

  const nothingToDo: readonly (readonly [string, VirtualMachineInstance, Pod])[] = [
    ["a guest that does not run yet", instance, pod(false)],
    ["one that is leaving", instance, pod(true, { deletionTimestamp: at })],
    ["one that ran before", running, pod()],
    ["one of which it is known", storedInstance({}, { accelerator: { type: "kvm" } }), pod()],
  ];
  for (const [what, vmi, its] of nothingToDo) {
    it(`reads no log of ${what}`, () => {
      assert.deepEqual(accelerators.view(vmi, its), { looking: false });
      assert.deepEqual(reads, []);
    });
  }

  it("has Running wait for the log, which is read once", async () => {
    assert.deepEqual(accelerators.view(instance, pod()), { looking: true, againMs: 20 });
    assert.match(reads.join(), /^ns\/virt-launcher-a-[0-9a-f]+$/);
    answer(kvm);
    await turn();
    const found = { accelerator: { type: "kvm" }, looking: false };
    assert.deepEqual(accelerators.view(instance, pod()), found);
    // The write may have been refused.
    assert.deepEqual(accelerators.view(instance, pod()), found);
    const told = storedInstance({}, { ...ran, accelerator: { type: "kvm" } });
    assert.deepEqual(accelerators.view(told, pod()), { looking: false });
    assert.equal(reads.length, 1);
  });

  it("has Running wait no longer where the log cannot be read, or says nothing", async () => {
    for (const end of [() => fail(), () => answer("login:")]) {
      accelerators.view(instance, pod());
      end();
      await turn();
      assert.deepEqual(accelerators.view(instance, pod()), { looking: false });
      assert.deepEqual(accelerators.view(running, pod()), { looking: false });
    }
    assert.equal(reads.length, 2);
  });

  it("has Running wait for half a second, and takes a later answer still", async () => {
    let waited = 0;
    for (;;) {
      const { looking, againMs = 0 } = accelerators.view(instance, pod());
      if (!looking) break;
      assert.ok(againMs > 0);
      waited += againMs;
      clock.advance(againMs);
    }
    assert.equal(waited, 500);
    assert.deepEqual(accelerators.view(running, pod()), { looking: false, againMs: 1_000 });
    answer(emulated);
    await turn();
    const accelerator = { type: "tcg", reason: "no vmx" };
    assert.deepEqual(accelerators.view(running, pod()), { accelerator, looking: false });
    assert.equal(reads.length, 1);
  });

  it("gives a late answer up that does not come", async () => {
    accelerators.view(instance, pod());
    clock.advance(500);
    fail();
    await turn();
    assert.deepEqual(accelerators.view(running, pod()), { looking: false });
  });

  it("asks few nodes at a time; who gets no turn runs without", () => {
    const names = Array.from({ length: 20 }, (_, index) => `a${String(index)}`);
    const of = (name: string, status = {}): VirtualMachineInstance =>
      storedInstance({}, status, { name, uid: name });
    assert.ok(names.every((name) => accelerators.view(of(name), pod()).looking));
    assert.equal(reads.length, 16);
    clock.advance(500);
    assert.deepEqual(accelerators.view(of("a19"), pod()), { looking: false });
    assert.deepEqual(accelerators.view(of("a19", ran), pod()), { looking: false });
    assert.equal(reads.length, 16);
  });

  it("knows nothing of another instance of the name", async () => {
    accelerators.view(instance, pod());
    answer(kvm);
    await turn();
    const next = storedInstance({}, {}, { uid: "another" });
    assert.equal(accelerators.view(next, pod()).looking, true);
    assert.equal(reads.length, 2);
  });
});
