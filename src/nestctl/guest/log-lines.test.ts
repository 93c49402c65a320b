import assert from "node:assert/strict";
import { isOfSide, linesOf } from "./log-lines.ts";

const own = '{"time":"2026-01-01T00:00:00.000Z","level":"info","msg":"step done"}';

describe("isOfSide", () => {
  for (const [line, launcher] of [
    [own, true],
    [`2026-01-01T00:00:00Z ${own}`, true],
    ["web login: ", false],
    ['{"level":"info"}', false],
    ["", false],
  ] as const) {
    it(JSON.stringify(line), () => {
      assert.equal(isOfSide(line, "launcher"), launcher);
      assert.equal(isOfSide(line, "console"), !launcher);
    });
  }
});

describe("linesOf", () => {
  it("joins what came in parts, also within a character", async () => {
    const bytes = Buffer.from("aä\nb\n\nc");
    const parts = async function* (): AsyncGenerator<Buffer> {
      for (const byte of bytes) yield await Promise.resolve(Buffer.of(byte));
    };
    assert.deepEqual(await Array.fromAsync(linesOf(parts())), ["aä", "b", "", "c"]);
  });
});
