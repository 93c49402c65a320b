import assert from "node:assert/strict";
import { VERBS } from "../protocol.ts";
import { readCommandLine, USAGE } from "./command-line.ts";

describe("the command line of nestlet-ctl", () => {
  it("names a verb, and the command of qmp", () => {
    assert.deepEqual(readCommandLine(["pause"]), { request: { version: 1, verb: "pause" } });
    assert.deepEqual(readCommandLine(["qmp", "{}"]), { request: { version: 1, verb: "qmp", command: "{}" } });
  });
  it("asks for help, which has every verb", () => {
    for (const word of ["help", "--help", "-h"]) assert.deepEqual(readCommandLine([word]), { help: USAGE });
    for (const verb of Object.keys(VERBS)) assert.ok(USAGE.includes(`\n  ${verb} `), verb);
  });
  for (const [args, words] of [
    [[], /a verb is missing/],
    [["fly"], /no verb "fly"/],
    [["constructor"], /no verb/],
    [["pause", "now"], /what is "now" for/],
    [["qmp"], /the command \(JSON\) is missing/],
    [["qmp", "{}", "{}"], /what is/],
  ] as const) {
    it(`refuses ${JSON.stringify(args)}`, () => {
      const wish = readCommandLine(args);
      assert.match("usageError" in wish ? wish.usageError : "", words);
    });
  }
});
