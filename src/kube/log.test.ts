import assert from "node:assert/strict";
import { createLogger } from "./log.ts";

describe("the log", () => {
  it("is a JSON object a line, with the fields of its logger, and silent below its level", () => {
    const lines: string[] = [];
    const log = createLogger("info", (line) => lines.push(line)).child({ controller: "c" });
    log.debug("hidden");
    log.warn("seen", { retryInMs: 5 });
    assert.equal(lines.length, 1);
    const { time, ...rest } = JSON.parse(lines[0] ?? "") as Record<string, unknown>;
    assert.match(String(time), /^\d{4}-.*Z$/);
    assert.deepEqual(rest, { level: "warn", message: "seen", controller: "c", retryInMs: 5 });
    assert.match(lines[0] ?? "", /^\{"time":"[^"]*","level":"warn","message":"seen",.*\}\n$/);
  });

  it("keeps fields of all its ancestors, and of errors what was given", () => {
    const lines: string[] = [];
    const log = createLogger("debug", (line) => lines.push(line))
      .child({ a: 1 })
      .child({ b: 2, a: 3 });
    log.error("failed", { error: "why", stack: "Error: why\n    at f", nested: { z: 1, y: [2] } });
    const { time, ...rest } = JSON.parse(lines[0] ?? "") as Record<string, unknown>;
    assert.ok(time);
    assert.deepEqual(rest, {
      level: "error",
      message: "failed",
      a: 3,
      b: 2,
      error: "why",
      stack: "Error: why\n    at f",
      nested: { z: 1, y: [2] },
    });
  });

  it("is written before the call returns, so that the end of the process loses nothing", () => {
    const lines: string[] = [];
    const log = createLogger("info", (line) => lines.push(line));
    for (let count = 0; count < 100; count++) log.info("line");
    assert.equal(lines.length, 100);
  });
});
