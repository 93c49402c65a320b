import assert from "node:assert/strict";
import { interruption, StartTooSlow, StoppedBeforeStart } from "./stop-signal.ts";

const LONG = 3600;

describe("interruption", () => {
  it("comes with the stop, also with one that was before", async () => {
    const stop = new AbortController();
    const interrupted = interruption(stop.signal, LONG);
    stop.abort();
    await assert.rejects(interrupted, StoppedBeforeStart);
    await assert.rejects(interruption(stop.signal, LONG), StoppedBeforeStart);
  });

  it("comes when the start takes too long, and says how long that is", async () => {
    await assert.rejects(interruption(new AbortController().signal, 0.05), (error) => {
      assert.ok(error instanceof StartTooSlow);
      assert.match(error.message, /does not run 0\.05 s after its launcher started/);
      return true;
    });
  });
});
