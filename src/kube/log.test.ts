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
  });
});
