import assert from "node:assert/strict";
import { parseIndexTargets } from "./debian.ts";

describe("parseIndexTargets", () => {
  it("keeps the release's own archives, each once", () => {
    const lines = [
      "Packages|Debian|http://mirror.example/debian/|bookworm|main",
      "Packages|Debian|http://mirror.example/debian/|bookworm|main",
      "Packages|Debian|http://mirror.example/debian-security/|bookworm-security|main",
      "Translations|Debian|http://mirror.example/debian/|bookworm|main",
    ].join("\n");
    assert.deepEqual(parseIndexTargets(lines), [
      "deb http://mirror.example/debian/ bookworm main",
      "deb http://mirror.example/debian-security/ bookworm-security main",
    ]);
  });

  it("leaves out other vendors and other releases", () => {
    const lines = [
      "Packages|Example Inc|https://apt.example/|bookworm|main",
      "Packages|Debian|http://mirror.example/debian/|trixie|main",
    ].join("\n");
    assert.deepEqual(parseIndexTargets(lines), []);
  });

  it("answers nothing for a machine without package lists", () => {
    assert.deepEqual(parseIndexTargets(""), []);
  });
});
