import assert from "node:assert/strict";
import { VERBS } from "../protocol.ts";
import { readCommandLine, USAGE } from "./command-line.ts";

describe("the command line of nestlet-ctl", () => {
  it("names a verb, and the command of qmp", () => {
    assert.deepEqual(readCommandLine(["pause"]), { request: { version: 1, verb: "pause" } });
    assert.deepEqual(readCommandLine(["qmp", "{}"]), { request: { version: 1, verb: "qmp", command: "{}" } });
  });
  it("takes the program of exec with all its words", () => {
    const request = (program: string[], timeoutSeconds: number): object => ({
      request: { version: 1, verb: "exec", program, timeoutSeconds },
    });
    assert.deepEqual(
      readCommandLine(["exec", "ls", "--timeout", "-l"]),
      request(["ls", "--timeout", "-l"], 30),
    );
    assert.deepEqual(readCommandLine(["exec", "--timeout", "2", "--", "--", "x"]), request(["--", "x"], 2));
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
    [["exec"], /the program is missing/],
    [["exec", "--timeout", "3", "--"], /the program is missing/],
    [["exec", "--timeout"], /--timeout wants seconds/],
    [["exec", "--timeout", "soon", "ls"], /--timeout is "soon", want seconds, up to 86400/],
  ] as const) {
    it(`refuses ${JSON.stringify(args)}`, () => {
      const wish = readCommandLine(args);
      assert.match("usageError" in wish ? wish.usageError : "", words);
    });
  }
});
