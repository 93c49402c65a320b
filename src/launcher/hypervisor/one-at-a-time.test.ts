import assert from "node:assert/strict";
import { Busy, OneAtATime, TookTooLong } from "./one-at-a-time.ts";

describe("OneAtATime", () => {
  it("does one thing after another, also after one that failed", async () => {
    const queue = new OneAtATime();
    const seen: string[] = [];
    const work =
      (name: string, fails = false) =>
      async (): Promise<string> => {
        seen.push(`${name} begins`);
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(`${name} ends`);
        if (fails) throw new Error(name);
        return name;
      };
    const first = queue.run("a", 1000, work("a", true));
    const second = queue.run("b", 1000, work("b"));
    await assert.rejects(first, { message: "a" });
    assert.equal(await second, "b");
    assert.deepEqual(seen, ["a begins", "a ends", "b begins", "b ends"]);
  });

  it("tells who waits what is in the way, and never does what was given up", async () => {
    const queue = new OneAtATime();
    let finish: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => (finish = resolve));
    let done = 0;
    const late = queue.run("pausing", 10, () => slow);
    const waiting = queue.run("resetting", 20, () => Promise.resolve(done++));
    await assert.rejects(
      late,
      (error: Error) => error instanceof TookTooLong && error.message === "pausing is not done after 0.01 s",
    );
    await assert.rejects(
      waiting,
      (error: Error) =>
        error instanceof Busy && error.message === "resetting has to wait: pausing is still under way",
    );
    finish();
    assert.equal(await queue.run("asking", 1000, () => Promise.resolve("answer")), "answer");
    assert.equal(done, 0);
  });
});
