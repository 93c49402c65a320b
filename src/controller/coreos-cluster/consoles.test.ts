import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import { ManualClock } from "../../../test/support/manual-clock.ts";
import { Consoles } from "./consoles.ts";

function instance(name: string): VirtualMachineInstance {
  return {
    apiVersion: "nestlet.dev/v1alpha1",
    kind: "VirtualMachineInstance",
    metadata: { namespace: "a", name, uid: name, resourceVersion: "1", creationTimestamp: "" },
    spec: { domain: {} },
  };
}

describe("Consoles", () => {
  let clock: ManualClock;
  let log: string;
  let reads: string[];
  let consoles: Consoles;

  beforeEach(() => {
    clock = new ManualClock();
    log = "";
    reads = [];
    consoles = new Consoles(async (_, pod) => {
      reads.push(pod);
      if (log === "refused") throw new Error("the kubelet does not answer");
      return Promise.resolve(log);
    }, clock);
  });

  const told = async (...names: string[]): Promise<string[]> => {
    const instances = names.map(instance);
    consoles.reports("a/lab", instances);
    await turn();
    return [...consoles.reports("a/lab", instances)].map(
      ([uid, { outcome, sinceMs }]) => `${uid} ${outcome} ${String(clock.now() - sinceMs)}`,
    );
  };

  it("reads a member's log at most every 10 s", async () => {
    log = "nestlet-bootstrap: failed: a";
    assert.deepEqual(await told("m"), ["m failed 0"]);
    clock.advance(9_000);
    await told("m");
    assert.equal(reads.length, 1);
    clock.advance(1_000);
    log = "nestlet-bootstrap: ready";
    assert.deepEqual(await told("m"), ["m ready 0"]);
    assert.equal(reads.length, 2);
  });

  it("knows since when a bootstrap fails, whatever its words are", async () => {
    log = "nestlet-bootstrap: failed: a";
    await told("m");
    clock.advance(10_000);
    log = "nestlet-bootstrap: failed: b";
    assert.deepEqual(await told("m"), ["m failed 10000"]);
    clock.advance(10_000);
    log = "nestlet-bootstrap: failed: Unauthorized";
    assert.deepEqual(await told("m"), ["m failed 0"]);
  });

  it("keeps what it knows when a log cannot be read, or says no more of it", async () => {
    log = "nestlet-bootstrap: failed: a";
    await told("m");
    for (log of ["refused", "other lines"]) {
      clock.advance(10_000);
      assert.match((await told("m")).join(), /^m failed/);
    }
    assert.equal(reads.length, 3);
  });

  it("reads some logs at the same time, and in the end all", async () => {
    const names = ["a", "b", "c", "d", "e", "f"];
    consoles.reports("a/lab", names.map(instance));
    assert.equal(reads.length, 4);
    await turn();
    consoles.reports("a/lab", names.map(instance));
    assert.equal(new Set(reads).size, 6);
  });

  it("forgets members that are of no interest any more", async () => {
    log = "nestlet-bootstrap: failed: a";
    await told("m");
    assert.deepEqual(await told("n"), ["n failed 0"]);
    log = "";
    assert.deepEqual(await told("m"), []);
  });
});
