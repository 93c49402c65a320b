import assert from "node:assert/strict";
import { ManualClock } from "../../test/support/manual-clock.ts";
import { WorkQueue } from "./work-queue.ts";

describe("the work queue", () => {
  let clock: ManualClock;
  let queue: WorkQueue;

  beforeEach(() => {
    clock = new ManualClock();
    queue = new WorkQueue({ clock, baseMs: 10, maxMs: 100 });
  });

  it("holds a key once, however often it is added", () => {
    queue.add("a");
    queue.add("b");
    queue.add("a");
    assert.deepEqual([queue.take(), queue.take(), queue.take()], ["a", "b", undefined]);
  });

  it("gives what changed before what waits for a routine look, each in the order of its coming", () => {
    for (const key of ["a", "b", "c", "d"]) queue.add(key, "routine");
    queue.add("e");
    queue.add("c");
    queue.add("e", "routine");
    assert.equal(queue.length, 5);
    assert.deepEqual(
      Array.from({ length: 6 }, () => queue.take()),
      ["e", "c", "a", "b", "d", undefined],
    );
  });

  it("remembers the haste of a key that is worked on", () => {
    queue.add("a");
    assert.equal(queue.take(), "a");
    queue.add("b");
    queue.add("a", "routine");
    queue.done("a");
    assert.equal(queue.take(), "b");
    queue.add("c", "routine");
    queue.add("a");
    assert.deepEqual([queue.take(), queue.take()], ["a", "c"]);
  });

  it("gives a key that was added while it is worked on once that work is done", () => {
    queue.add("a");
    assert.equal(queue.take(), "a");
    queue.add("a");
    assert.equal(queue.take(), undefined);
    queue.done("a");
    assert.equal(queue.take(), "a");
    queue.done("a");
    assert.equal(queue.take(), undefined);
  });

  it("gives a key that was added for later when its time has come, the earliest of them", () => {
    queue.addAfter("a", 50);
    queue.addAfter("a", 20);
    queue.addAfter("a", 90);
    clock.advance(19);
    assert.equal(queue.take(), undefined);
    clock.advance(1);
    assert.equal(queue.take(), "a");
    queue.done("a");
    clock.advance(100);
    assert.equal(queue.take(), undefined);
  });

  it("doubles the pause with each failure up to a limit, until the key is forgotten", () => {
    const pauses = Array.from({ length: 6 }, () => queue.addRateLimited("a"));
    assert.deepEqual(pauses, [10, 20, 40, 80, 100, 100]);
    assert.equal(queue.addRateLimited("b"), 10);
    queue.forget("a");
    assert.equal(queue.addRateLimited("a"), 10);
  });

  it("tells when a key is ready", () => {
    let told = 0;
    queue.onReady(() => told++);
    queue.add("a");
    queue.add("a");
    assert.equal(told, 1);
    queue.addAfter("b", 10);
    assert.equal(told, 1);
    clock.advance(10);
    assert.equal(told, 2);
  });

  it("takes nothing more once it is closed", () => {
    queue.addAfter("a", 10);
    queue.add("b");
    queue.close();
    queue.add("c");
    clock.advance(10);
    assert.equal(queue.take(), undefined);
  });

  it("tells how long keys waited and were worked on", () => {
    const seen: [string, number][] = [];
    const observed = new WorkQueue({
      clock,
      observer: {
        added: () => seen.push(["added", 0]),
        retried: () => seen.push(["retried", 0]),
        started: (waited) => seen.push(["started", waited]),
        finished: (took) => seen.push(["finished", took]),
      },
    });
    observed.add("a");
    clock.advance(2000);
    observed.take();
    clock.advance(500);
    observed.done("a");
    assert.deepEqual(seen, [
      ["added", 0],
      ["started", 2],
      ["finished", 0.5],
    ]);
  });
});
