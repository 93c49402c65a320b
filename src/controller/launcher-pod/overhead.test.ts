import assert from "node:assert/strict";
import { emulationOverheadBytes, launcherOverheadBytes } from "./overhead.ts";

const MiB = 2 ** 20;

describe("a launcher's memory beside the guest's", () => {
  for (const [guest, cpus, overhead] of [
    [128, 1, 169],
    [1024, 2, 178],
    [8192, 4, 208],
  ] as const) {
    it(`is ${overhead} MiB for a guest of ${guest} MiB with ${cpus} processors`, () => {
      assert.equal(launcherOverheadBytes(guest * MiB, cpus), overhead * MiB);
    });
  }

  for (const [guest, acceleration, limited, cache] of [
    [128, "Emulate", true, 64],
    [1024, "Prefer", true, 256],
    [1024, "Prefer", false, 0],
    [1024, "Require", true, 0],
    [8192, "Emulate", true, 512],
  ] as const) {
    const limit = limited ? "with" : "without";
    it(`is ${cache} MiB more for ${guest} MiB, acceleration ${acceleration}, ${limit} a limit`, () => {
      assert.equal(emulationOverheadBytes(guest * MiB, acceleration, limited), cache * MiB);
    });
  }
});
