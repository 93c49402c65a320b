import assert from "node:assert/strict";
import { parseSmapsRollup } from "./processes.ts";

describe("parseSmapsRollup", () => {
  it("takes RSS, PSS and anonymous memory and no field that only begins alike", () => {
    const text = "55-7f [rollup]\nRss:    4200 kB\nPss:    1234 kB\nPss_Anon:  800 kB\nAnonymous:   900 kB\n";
    assert.deepEqual(parseSmapsRollup(text), { rss: 4200, pss: 1234, anonymous: 900 });
  });
});
