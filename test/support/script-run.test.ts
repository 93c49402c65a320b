import assert from "node:assert/strict";
import { kernelArguments, readScriptRun } from "./script-run.ts";

describe("kernelArguments", () => {
  it("has the script as one word", () => {
    assert.equal(kernelArguments("uname -r\n"), "console=ttyS0 quiet run=dW5hbWUgLXIK");
  });

  it("refuses a script that the kernel would cut", () => {
    assert.equal(kernelArguments("x".repeat(1515)).length, 2044);
    assert.throws(
      () => kernelArguments("x".repeat(1518)),
      /1518 bytes .* 2048 characters, at most 2047 are possible/,
    );
  });
});

describe("readScriptRun", () => {
  const [begin, end] = ["kernel-lab: the script printed", "kernel-lab: the script ended with"];
  const launcher = '{"time":"2026-01-01T00:00:00.000Z","level":"info","msg":"step done","step":"disks"}';

  for (const [what, lines, run] of [
    [
      "is what lies between the marks",
      ["boot", begin, "a", "b", `${end} 0`],
      { output: "a\nb", exitCode: 0 },
    ],
    ["is nothing where nothing was printed", [begin, `${end} 127`], { output: "", exitCode: 127 }],
    [
      "is without the launcher's lines",
      [launcher, begin, "a", launcher, '{"b":1}', `${end} 1`, launcher],
      { output: 'a\n{"b":1}', exitCode: 1 },
    ],
    ["may have a mark in it", [begin, `${end} 3`, "c", `${end} 0`], { output: `${end} 3\nc`, exitCode: 0 }],
  ] as const) {
    it(what, () => assert.deepEqual(readScriptRun(`${lines.join("\n")}\n`), run));
  }

  for (const [what, lines] of [
    ["that panicked", ["Kernel panic - not syncing: VFS: Unable to mount root fs"]],
    ["that was ended in the middle", [begin, "a"]],
    ["whose end has no code", [begin, `${end} `]],
  ] as const) {
    it(`is an error with the console of a guest ${what}`, () => {
      assert.throws(
        () => readScriptRun(lines.join("\n")),
        (error: Error) => error.message.endsWith(`did not come to its end:\n${lines.join("\n")}`),
      );
    });
  }
});
