import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ConsoleLog, type ConsoleLimits } from "./console-log.ts";

describe("ConsoleLog", () => {
  let folder: string;
  let path: string;
  let shown: string;
  let followed: ConsoleLog | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "nestlet-console-"));
    path = join(folder, "serial0.log");
    writeFileSync(path, "");
    shown = "";
  });
  afterEach(async () => {
    await followed?.end();
    rmSync(folder, { recursive: true });
  });

  const follow = (limits: Partial<ConsoleLimits> = {}): ConsoleLog => {
    followed = ConsoleLog.follow(
      path,
      (text) => {
        shown += text;
        return Promise.resolve();
      },
      limits,
    );
    return followed;
  };
  const until = async (condition: () => boolean): Promise<void> => {
    const deadline = Date.now() + 4000;
    while (!condition() && Date.now() < deadline) await delay(10);
    assert.ok(condition(), `shown: ${shown.slice(-200)}`);
  };

  it("passes on what was there and what comes, in lines", async () => {
    appendFileSync(path, "first\r\nsec");
    follow();
    await until(() => shown === "first\n");
    await delay(150);
    appendFileSync(path, "ond\r\nthird");
    await until(() => shown === "first\nsecond\n");
    await followed?.end();
    assert.equal(shown, "first\nsecond\nthird\n");
  });

  it("misses nothing between two looks", async () => {
    follow();
    const lines = Array.from({ length: 60 }, (_, index) => `line ${String(index)}`);
    for (const line of lines) {
      appendFileSync(path, `${line}\n`);
      await delay(7);
    }
    await until(() => shown === `${lines.join("\n")}\n`);
  });

  it("begins the file anew when it has grown and all of it is passed on", async () => {
    follow({ fileBytes: 1000 });
    appendFileSync(path, `${"a".repeat(999)}\n`);
    await until(() => statSync(path).size === 0);
    appendFileSync(path, "afterwards\n");
    await until(() => shown.endsWith("\nafterwards\n"));
    assert.equal(shown.length, 1011);
  });

  it("leaves out what a guest writes faster than is allowed, and shows what comes later", async () => {
    follow({ fileBytes: 10_000, burst: 5000, perSecond: 1000 });
    for (let i = 0; i < 50; i++) appendFileSync(path, `${"b".repeat(999)}\n`);
    await until(() => statSync(path).size === 0);
    assert.ok(shown.length <= 7000, String(shown.length));
    appendFileSync(path, "afterwards\n");
    await until(() => shown.endsWith("\nafterwards\n"));
  });

  it("tells the last lines, however much is unread", async () => {
    follow({ burst: 0, perSecond: 0 });
    appendFileSync(path, `${"c\n".repeat(100_000)}Kernel panic\n`);
    await followed?.end();
    assert.match(shown, /c\nKernel panic\n$/);
    assert.ok(shown.length <= 64 * 1024);
  });

  it("does not join what it has begun of a line with the end of a later one", async () => {
    appendFileSync(path, `line 1\nline 2${"x".repeat(99_998)}\n`);
    follow({ burst: 12, perSecond: 0 });
    await until(() => shown === "line 1\n");
    await followed?.end();
    assert.deepEqual(
      shown.split("\n").map((line) => line.slice(0, 6)),
      ["line 1", "line", "xxxxxx", ""],
    );
  });
});
