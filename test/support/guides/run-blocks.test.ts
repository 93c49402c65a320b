import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repoRoot } from "../../../hack/lib/paths.ts";
import { eventually } from "../eventually.ts";
import { pageOf } from "./page.ts";
import { runBlocks } from "./run-blocks.ts";

const sh = (...texts: string[]): { path: string; blocks: ReturnType<typeof pageOf>["blocks"] } => ({
  path: "docs/page.md",
  blocks: pageOf(texts.map((text) => `\`\`\`${text}\n\`\`\`\n`).join("\n")).blocks,
});

describe("the blocks of a guide", function () {
  this.timeout(60_000);
  let folder: string;
  let out: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "nestlet-blocks-"));
    out = join(folder, "out");
  });
  afterEach(async () => rm(folder, { recursive: true }));
  const run = async (...texts: string[]): Promise<void> =>
    runBlocks(sh(...texts), { env: { OUT: out }, timeoutMs: 20_000 });
  const said = async (): Promise<string> => readFile(out, "utf8");

  it("run in their order, in one shell", async () => {
    await run("sh\nx=1\ncd docs", "yaml\nno: 1", "console\n$ no", "sh guest\necho $x $(basename $PWD) >$OUT");
    assert.equal(await said(), "1 docs\n");
  });

  it("see the repository's files, and write beside them elsewhere", async () => {
    await run(
      "sh\ntest -f README.md && grep -q apiVersion examples/vm.yaml\necho x >left-behind.txt\ncp left-behind.txt $OUT",
    );
    assert.equal(await said(), "x\n");
    assert.ok(!existsSync(join(repoRoot, "left-behind.txt")));
  });

  it("are not all run", async () => {
    await run("sh\necho a >>$OUT", "sh no-run\necho b >>$OUT", "sh\necho c >>$OUT");
    assert.equal(await said(), "a\nc\n");
  });

  /** Gone, or dead and not yet collected by who takes in orphans. */
  const ended = async (pid: string): Promise<void> =>
    eventually(async () => {
      const stat = await readFile(`/proc/${pid.trim()}/stat`, "utf8").catch(() => ") Z");
      assert.match(stat, /\) Z/);
    }, 5000);

  const failing: [string, string[], RegExp][] = [
    [
      "a command",
      ["sh\necho first", "sh\necho second\nfalse\necho third"],
      /^docs\/page\.md:5: this block failed with 1:\necho second\nfalse\necho third\n--- it printed:\nsecond\n$/,
    ],
    ["one in a pipe", ["sh\nfalse | cat"], /page\.md:1: this block failed with 1/],
    ["a variable that is not set", ["sh\necho $NO_SUCH"], /page\.md:1: line 1: NO_SUCH: unbound variable/],
    [
      "a program that is nowhere",
      ["sh\nno-such-program"],
      /failed with 127:[^]*no-such-program: command not found/,
    ],
    ["an exit before the end", ["sh\nexit 0", "sh\ntrue"], /page\.md:1: this block failed with 0/],
    ["what waits for a person", ["sh\nread -r answer"], /page\.md:1: this block failed with 1/],
  ];
  for (const [title, texts, wanted] of failing) {
    it(`fail by ${title}, and say where`, async () => {
      await assert.rejects(run(...texts), (error: Error) => {
        assert.match(error.message, wanted);
        return true;
      });
    });
  }

  it("are refused before any runs when one would end the lab", async () => {
    await assert.rejects(
      run("sh\ntouch $OUT", "sh\nhack/lab.sh down"),
      /page\.md:5: is not run, write sh no-run/,
    );
    assert.ok(!existsSync(out));
  });

  it("are given up when they take too long, with what they left running", async () => {
    const guide = sh("sh\nsleep 300 & echo $! >$OUT", "sh\necho waits; sleep 301");
    const given = runBlocks(guide, { env: { OUT: out }, timeoutMs: 1500 });
    await assert.rejects(given, /page\.md:5: this block took more than 1\.5 s[^]*\nwaits\n/);
    await ended(await said());
  });

  it("leave nothing running when they are done", async () => {
    await run("sh\nsleep 302 & echo $! >$OUT");
    await ended(await said());
  });
});
