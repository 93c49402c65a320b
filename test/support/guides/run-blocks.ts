import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { execa } from "execa";
import { repoRoot } from "../../../hack/lib/paths.ts";
import type { Guide } from "./guides.ts";
import { leadsAway, shellBlocks } from "./guides.ts";
import type { Block } from "./page.ts";

export interface Shell {
  /** Beside what this process has. */
  env: Record<string, string>;
  /** For all blocks of a page together. */
  timeoutMs: number;
  /** What begins the shell, such as a program that it is an argument of. */
  before?: readonly string[];
}

/**
 * Runs the blocks of a page in their order, all in one shell as if they were pasted into it, from a folder with the
 * repository's files: what a block writes beside them is not left in the repository.
 * @throws Error that names the file, the line, the block and its output where one fails
 */
export async function runBlocks(guide: Pick<Guide, "path" | "blocks">, shell: Shell): Promise<void> {
  const blocks = shellBlocks({ ...guide, headings: [], links: [] }).filter(({ use }) => use !== "read");
  for (const { block } of blocks) {
    const command = leadsAway(block);
    if (command !== undefined)
      throw new Error(`${guide.path}:${String(block.line)}: is not run, write sh no-run: ${command}`);
  }
  const scratch = await mkdtemp(join(tmpdir(), "nestlet-guide-"));
  try {
    const run = new Run(guide.path, scratch);
    await run.prepare(blocks.map(({ block }) => block));
    await run.go(shell);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

class Run {
  private readonly path: string;
  private readonly scratch: string;
  private readonly blocks = new Map<string, Block>();

  constructor(path: string, scratch: string) {
    this.path = path;
    this.scratch = scratch;
  }

  async prepare(blocks: readonly Block[]): Promise<void> {
    await mkdir(this.checkout);
    for (const entry of await readdir(repoRoot)) {
      if (entry !== ".git") await symlink(join(repoRoot, entry), join(this.checkout, entry));
    }
    const lines = ["set -euo pipefail"];
    for (const block of blocks) {
      const line = String(block.line);
      this.blocks.set(line, block);
      await writeFile(this.source(line), block.text);
      lines.push(`echo ${line} >'${this.at}'; exec >'${this.log(line)}' 2>&1; source '${this.source(line)}'`);
    }
    lines.push(`echo end >'${this.at}'`, "");
    await writeFile(this.script, lines.join("\n"));
  }

  async go({ env, timeoutMs, before = [] }: Shell): Promise<void> {
    const [program, ...args] = [...before, "bash", this.script];
    const child = execa(program, args, {
      cwd: this.checkout,
      env,
      stdin: "ignore",
      all: true,
      reject: false,
      timeout: timeoutMs,
      // A group of its own, which ends with it: a block may have left something running.
      detached: true,
    });
    const { pid } = child;
    try {
      const ended = await child;
      await this.judge(ended.timedOut ? `took more than ${String(timeoutMs / 1000)} s` : "failed", ended);
    } finally {
      if (pid !== undefined) killGroup(pid);
    }
  }

  private async judge(
    how: string,
    { exitCode, all }: { exitCode?: number | undefined; all?: string | undefined },
  ): Promise<void> {
    const at = await readFile(this.at, "utf8").then(
      (text) => text.trim(),
      () => "",
    );
    if (at === "end" && exitCode === 0) return;
    const block = this.blocks.get(at);
    if (block === undefined)
      throw new Error(`${this.path}: its shell ended with ${String(exitCode)}:\n${all ?? ""}`);
    const output = await readFile(this.log(at), "utf8").catch(() => "");
    const code = exitCode === undefined ? "" : ` with ${String(exitCode)}`;
    throw new Error(
      `${this.path}:${at}: this block ${how}${code}:\n${block.text}--- it printed:\n${output}${all ?? ""}`,
    );
  }

  private get checkout(): string {
    return join(this.scratch, "nestlet");
  }
  private get at(): string {
    return join(this.scratch, "at");
  }
  private get script(): string {
    return join(this.scratch, "guide.sh");
  }
  private log(line: string): string {
    return join(this.scratch, `${line}.log`);
  }
  /** Named so that bash's own messages say where. */
  private source(line: string): string {
    return join(this.scratch, `${basename(this.path)}:${line}`);
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nothing was left.
  }
}
