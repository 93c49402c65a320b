import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { eventually } from "./eventually.ts";

/** A program that is talked with: what it says on both streams is kept, and it is typed to. */
export class Conversation {
  readonly #program: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #ended: Promise<number | null>;
  #heard = "";

  /** @param encoding of what it says */
  constructor(program: string, args: readonly string[], encoding: "utf8" | "latin1") {
    this.#program = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
    this.#ended = once(this.#program, "close").then(([code]) => code as number | null);
    for (const stream of [this.#program.stdout, this.#program.stderr]) {
      stream.on("data", (data: Buffer) => (this.#heard += data.toString(encoding)));
    }
    this.#program.stdin.on("error", () => undefined); // it has ended: "close" tells
  }

  get heard(): string {
    return this.#heard;
  }

  type(text: string): void {
    this.#program.stdin.write(text);
  }

  /** Waits until what was heard matches; before each look something may be typed. */
  async hears(pattern: RegExp, timeoutMs: number, typed?: string): Promise<void> {
    await eventually(
      async () => {
        if (pattern.test(this.#heard)) return;
        if (typed !== undefined) this.type(typed);
        await Promise.reject(
          new Error(`no ${String(pattern)} in ${JSON.stringify(this.#heard.slice(-2000))}`),
        );
      },
      timeoutMs,
      typed === undefined ? 100 : 2000,
    );
  }

  /** Closes the input, as the end of a person's does; resolves to the program's exit code. */
  async leave(): Promise<number | null> {
    this.#program.stdin.end();
    return this.ended();
  }

  /** Resolves to the program's exit code. */
  async ended(): Promise<number | null> {
    return this.#ended;
  }

  /** Goes without a word. */
  async kill(): Promise<void> {
    this.#program.kill("SIGKILL");
    await this.#ended;
  }
}
