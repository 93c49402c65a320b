import assert from "node:assert/strict";
import { runSteps, type Step } from "./steps.ts";
import { waitFor } from "./wait.ts";

describe("steps", () => {
  let log: string[];
  const step = (
    name: string,
    after: string[] = [],
    run: () => Promise<void> = async () => Promise.resolve(),
  ): Step => ({
    name,
    title: name,
    after,
    run: async () => {
      log.push(`${name} begins`);
      await run();
      log.push(`${name} ends`);
    },
  });
  beforeEach(() => {
    log = [];
  });

  it("begin when those before them have ended, wherever they stand", async () => {
    await runSteps([step("last", ["first"]), step("first")], "silent");
    assert.deepEqual(log, ["first begins", "first ends", "last begins", "last ends"]);
  });

  it("run side by side otherwise", async () => {
    const gate = Promise.withResolvers<undefined>();
    const waits = step("waits", [], async () => {
      await gate.promise;
    });
    const opens = step("opens", [], async () => {
      gate.resolve(undefined);
      return Promise.resolve();
    });
    await runSteps([waits, opens], "silent");
    assert.deepEqual(log.slice(0, 2), ["waits begins", "opens begins"]);
  });

  it("tell every failure, do not begin what comes after it, and end the rest", async () => {
    const fails = (name: string): Step =>
      step(name, [], async () => Promise.reject(new Error(`${name} is broken`)));
    const all = [
      fails("a"),
      fails("b"),
      step("after a", ["a"]),
      step("after that", ["after a"]),
      step("apart"),
    ];
    await assert.rejects(runSteps(all, "silent"), { message: "a is broken\nb is broken" });
    assert.deepEqual(log.toSorted(), ["a begins", "apart begins", "apart ends", "b begins"]);
  });
});

describe("waiting", () => {
  it("ends with what it waited for and the hint", async () => {
    const wait = waitFor("a miracle", async () => Promise.resolve(false), {
      seconds: 0.05,
      hint: async () => Promise.resolve("none seen"),
    });
    await assert.rejects(wait, /^Error: a miracle did not happen within 0\.05 s\nnone seen$/);
  });

  it("ends at once when the check throws", async () => {
    const broken = waitFor("x", async () => Promise.reject(new Error("dead")), { seconds: 60 });
    await assert.rejects(broken, /^Error: dead$/);
  });
});
