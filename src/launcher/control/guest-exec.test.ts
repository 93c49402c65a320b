import assert from "node:assert/strict";
import { programEndOf, runInGuest, type Agent } from "./guest-exec.ts";
import { VerbError } from "./protocol.ts";

const here = new AbortController().signal;

/** An agent whose program ends after so many looks at it. */
function agent(looks: number, asked: unknown[] = []): Agent {
  return {
    agent: (command, args) => {
      asked.push([command, args]);
      if (command === "guest-exec") return Promise.resolve({ pid: 7 });
      return Promise.resolve(looks-- > 0 ? { exited: false } : { exited: true, exitcode: 3 });
    },
  };
}

describe("a program in the guest", () => {
  it("is asked for until it ends", async () => {
    const asked: unknown[] = [];
    const end = await runInGuest(agent(1, asked), ["ls", "-l"], 5_000, here);
    assert.deepEqual(end, { exitCode: 3, output: "", errors: "" });
    assert.deepEqual(asked, [
      ["guest-exec", { path: "ls", arg: ["-l"], "capture-output": true }],
      ["guest-exec-status", { pid: 7 }],
      ["guest-exec-status", { pid: 7 }],
    ]);
  });

  it("is left alone when its time is over", async () => {
    await assert.rejects(runInGuest(agent(100), ["sleep"], 30, here), (error) => {
      assert.ok(error instanceof VerbError);
      assert.match(
        error.message,
        /not ended within 0.03 s and goes on in the guest as process 7; give it more/,
      );
      return error.code === "TimedOut";
    });
  });

  it("is left alone when its caller has gone", async () => {
    const asked: unknown[] = [];
    const gone = AbortSignal.abort();
    await assert.rejects(runInGuest(agent(100, asked), ["sleep"], 60_000, gone), VerbError);
    assert.equal(asked.length, 2);
  });

  for (const [answer, end] of [
    [undefined, undefined],
    [null, undefined],
    [{ exited: false, exitcode: 0 }, undefined],
    [{ exited: "yes" }, undefined],
    [
      { exited: true, exitcode: 0, "out-data": "aGkK" },
      { exitCode: 0, output: "aGkK", errors: "" },
    ],
    [
      { exited: true, exitcode: 7, "err-data": "bm8K" },
      { exitCode: 7, output: "", errors: "bm8K" },
    ],
    [
      { exited: true, signal: 9 },
      { exitCode: 137, output: "", errors: "" },
    ],
    [
      { exited: true, exitcode: 256 },
      { exitCode: 255, output: "", errors: "" },
    ],
    [
      { exited: true, exitcode: "0", "out-data": 1 },
      { exitCode: 255, output: "", errors: "" },
    ],
  ] as const) {
    it(`has ended as ${JSON.stringify(answer)} tells`, () => {
      assert.deepEqual(programEndOf(answer), end);
    });
  }
});
