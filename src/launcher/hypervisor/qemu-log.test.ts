import assert from "node:assert/strict";
import { lastWords } from "./qemu-log.ts";

describe("lastWords", () => {
  it("are qemu's own last line that is no warning", () => {
    const log = [
      "/usr/bin/qemu-system-x86_64 \\",
      "2026-11-21T10:19:20.685251Z qemu-system-x86_64: warning: TCG doesn't support requested feature",
      "2026-11-21T10:19:21.685251Z qemu-system-x86_64: Failed to lock byte 100",
      "2026-11-21 10:19:21.700+0000: shutting down, reason=failed",
    ];
    assert.equal(lastWords(log.join("\n")), "Failed to lock byte 100");
  });
  it("are none when it was killed", () => {
    assert.equal(lastWords("2026-11-21 10:19:21.700+0000: shutting down, reason=failed\n"), undefined);
    assert.equal(lastWords(""), undefined);
  });
});
