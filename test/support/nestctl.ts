import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { execa } from "execa";
import { buildNestctl } from "../../hack/nestctl/main.ts";

/** The first line of a program that then goes on. */
export async function firstLine(output: Readable): Promise<string> {
  for await (const line of createInterface({ input: output })) return line;
  throw new Error("it ended without a line");
}

export interface Said {
  exitCode: number;
  output: string;
  errors: string;
}

/** The program as people get it: the bundle, run as a process of its own. */
export class Nestctl {
  readonly program: string;
  readonly folder: string;

  private constructor(folder: string, program: string) {
    this.folder = folder;
    this.program = program;
  }

  static async build(): Promise<Nestctl> {
    const folder = await mkdtemp(join(tmpdir(), "nestctl-"));
    return new Nestctl(folder, await buildNestctl(join(folder, "package")));
  }

  /**
   * Puts it into a folder by each of its names, as npm does.
   * @returns a PATH with this folder, and with Node, which it is a script of
   */
  async install(bin: string): Promise<string> {
    await mkdir(bin);
    for (const name of ["nestctl", "kubectl-nest", "kubectl_complete-nest"])
      await symlink(join(dirname(this.program), `${name}.cjs`), join(bin, name));
    return [bin, dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter);
  }

  /** Runs it without anything of the person who runs the tests. */
  async try(args: readonly string[], input = "", env: Record<string, string> = {}): Promise<Said> {
    const { exitCode, stdout, stderr } = await execa(process.execPath, [this.program, ...args], {
      input,
      reject: false,
      stripFinalNewline: false,
      extendEnv: false,
      env: { PATH: process.env["PATH"] ?? "", HOME: this.folder, ...env },
    });
    return { exitCode: exitCode ?? -1, output: stdout, errors: stderr };
  }

  /** Runs it where it has to succeed, and gives what it printed. */
  async run(args: readonly string[], input = ""): Promise<string> {
    const { exitCode, output, errors } = await this.try(args, input);
    if (exitCode !== 0)
      throw new Error(`nestctl ${args.join(" ")} ended with ${String(exitCode)}:\n${output}${errors}`);
    return output;
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}
