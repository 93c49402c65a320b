import assert from "node:assert/strict";
import { closingLine, countsOfStep, failuresOfStep, recap } from "./counts.ts";

const twoRuns = '{"passed":3,"failed":0,"skipped":1}\n{"passed":2,"failed":1,"skipped":0}\n';

const cases = [
  {
    title: "a check without tests passes as one",
    reported: "",
    exitCode: 0,
    line: "1 passed, 0 failed, 0 skipped",
  },
  {
    title: "a check without tests fails as one",
    reported: "",
    exitCode: 2,
    line: "0 passed, 1 failed, 0 skipped",
  },
  {
    title: "the runs of a layer add up",
    reported: twoRuns,
    exitCode: 1,
    line: "5 passed, 1 failed, 1 skipped",
  },
  {
    title: "a run that dies after its last green test is a failure",
    reported: '{"passed":3,"failed":0,"skipped":0}\n',
    exitCode: 7,
    line: "3 passed, 1 failed, 0 skipped",
  },
];

describe("counts of a test step", () => {
  for (const { title, reported, exitCode, line } of cases) {
    it(title, () => {
      assert.equal(closingLine(countsOfStep(reported, exitCode)), line);
    });
  }
});

describe("failures of a test step", () => {
  const failed = '{"passed":1,"failed":1,"skipped":0,"failures":[{"title":"a b","error":"Error: boom"}]}\n';

  for (const [title, reported, exitCode, text] of [
    ["are the tests that failed", failed, 1, "FAILED a b\n    Error: boom"],
    ["are the step itself where no test is to blame", "", 2, "FAILED lint\n    exit code 2; see above"],
    ["are none of a step that passed", '{"passed":3,"failed":0,"skipped":0}\n', 0, ""],
  ] as [string, string, number, string][]) {
    it(title, () => assert.equal(recap(failuresOfStep("lint", reported, exitCode)), text));
  }

  it("are told in their first lines", () => {
    const error = Array.from({ length: 40 }, (_, line) => `line ${String(line)}`).join("\n");
    assert.equal(
      recap([{ title: "long", error }])
        .split("\n")
        .at(-1),
      "    line 11",
    );
  });
});
