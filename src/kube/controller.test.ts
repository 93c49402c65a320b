import assert from "node:assert/strict";
import { ManualClock } from "../../test/support/manual-clock.ts";
import { ApiError } from "./api-error.ts";
import { Controller, TerminalError, type Outcome, type Result } from "./controller.ts";
import { createLogger } from "./log.ts";
import { WorkQueue } from "./work-queue.ts";

describe("the controller loop", () => {
  let clock: ManualClock;
  let queue: WorkQueue;
  let lines: Record<string, unknown>[];
  let results: Result[];

  beforeEach(() => {
    clock = new ManualClock();
    queue = new WorkQueue({ clock, baseMs: 10 });
    lines = [];
    results = [];
  });

  const controllerOf = (reconcile: (key: string) => Promise<Outcome>, concurrency = 1): Controller =>
    new Controller({
      name: "test",
      queue,
      reconciler: { reconcile },
      log: createLogger("debug", (line) => lines.push(JSON.parse(line) as Record<string, unknown>)),
      concurrency,
      clock,
      observe: (result) => results.push(result),
    });

  const turn = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it("forgets a success and looks again when a wait is over", async () => {
    const outcomes: Outcome[] = [{ requeueAfterMs: 1000 }, undefined];
    const controller = controllerOf(async () => Promise.resolve(outcomes.shift()));
    controller.start();
    queue.add("ns/a");
    await turn();
    clock.advance(999);
    await turn();
    assert.deepEqual(results, ["requeue_after"]);
    clock.advance(1);
    await turn();
    clock.advance(100_000);
    await turn();
    assert.deepEqual(results, ["requeue_after", "success"]);
  });

  it("leaves others a turn though a reconciler wants to look again at once", async () => {
    const controller = controllerOf(async () => Promise.resolve({ requeueAfterMs: 0 }));
    controller.start();
    queue.add("ns/a");
    await turn();
    assert.deepEqual(results, ["requeue_after"]);
    clock.advance(1);
    await turn();
    assert.deepEqual(results, ["requeue_after", "requeue_after"]);
    await controller.stop();
  });

  it("tries again after an error with growing pauses, and says so with the object and an id", async () => {
    const controller = controllerOf(async () => Promise.reject(new Error("boom")));
    controller.start();
    queue.add("ns/a");
    for (const pause of [0, 10, 20]) {
      clock.advance(pause);
      await turn();
    }
    assert.deepEqual(results, ["error", "error", "error"]);
    const [line] = lines;
    assert.equal(line?.["error"], "boom");
    assert.equal(line["namespace"], "ns");
    assert.equal(line["name"], "a");
    assert.equal(line["controller"], "test");
    assert.match(String(line["reconcileID"]), /^[0-9a-f-]{36}$/);
  });

  it("does not try again after a terminal error", async () => {
    const controller = controllerOf(async () => Promise.reject(new TerminalError("never")));
    controller.start();
    queue.add("ns/a");
    await turn();
    clock.advance(1_000_000);
    await turn();
    assert.deepEqual(results, ["terminal_error"]);
  });

  it("takes a conflict for news, not for an error", async () => {
    const controller = controllerOf(async () => Promise.reject(new ApiError(409, "Conflict", "changed")));
    controller.start();
    queue.add("ns/a");
    await turn();
    assert.deepEqual(results, ["conflict"]);
    assert.equal(lines[0]?.["level"], "info");
  });

  it("works on as many keys at a time as it may, never on one twice, and ends what it began", async () => {
    const running = new Map<string, () => void>();
    let most = 0;
    const controller = controllerOf(async (key) => {
      assert.ok(!running.has(key));
      await new Promise<void>((resolve) => {
        running.set(key, resolve);
        most = Math.max(most, running.size);
      });
      running.delete(key);
      return undefined;
    }, 2);
    controller.start();
    for (const key of ["ns/a", "ns/b", "ns/c"]) queue.add(key);
    queue.add("ns/a");
    await turn();
    assert.deepEqual([...running.keys()], ["ns/a", "ns/b"]);
    running.get("ns/a")?.();
    await turn();
    assert.deepEqual([...running.keys()], ["ns/b", "ns/c"]);
    const stopped = controller.stop();
    for (const finish of running.values()) finish();
    await stopped;
    assert.equal(running.size, 0);
    assert.equal(most, 2);
  });

  it("names the key whose work does not end", async () => {
    let finish = (): void => undefined;
    const controller = controllerOf(async () => {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return undefined;
    });
    controller.start();
    queue.add("ns/a");
    await turn();
    clock.advance(600_000);
    assert.equal(controller.stuck(), undefined);
    clock.advance(1_000);
    assert.equal(controller.stuck(), "test ns/a has been reconciled for 601 s");
    finish();
    await turn();
    assert.equal(controller.stuck(), undefined);
  });
});
