import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { eventually } from "./eventually.ts";

/** A program in a real terminal (a pty that script(1) makes), with a person's keys and what the screen shows. */
export class Terminal {
  readonly #script: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #ended: Promise<number | null>;
  #shown = "";

  /** @param command words without anything that a shell would read */
  constructor(command: readonly string[]) {
    const line = command.map((word) => `'${word}'`).join(" ");
    this.#script = spawn("script", ["--quiet", "--return", "--flush", "--command", line, "/dev/null"], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#ended = once(this.#script, "close").then(([code]) => code as number | null);
    for (const stream of [this.#script.stdout, this.#script.stderr]) {
      stream.on("data", (data: Buffer) => (this.#shown += data.toString()));
    }
    this.#script.stdin.on("error", () => undefined); // it has ended: "close" tells
  }

  get shown(): string {
    return this.#shown;
  }

  type(text: string): void {
    this.#script.stdin.write(text);
  }

  /** Waits until the screen shows something; before each look something may be typed. */
  async shows(pattern: RegExp, timeoutMs: number, typed?: string): Promise<void> {
    await eventually(
      async () => {
        if (pattern.test(this.#shown)) return;
        if (typed !== undefined) this.type(typed);
        await Promise.reject(
          new Error(`no ${String(pattern)} in ${JSON.stringify(this.#shown.slice(-2000))}`),
        );
      },
      timeoutMs,
      typed === undefined ? 100 : 2000,
    );
  }

  /** Resolves to the program's exit code. */
  async ended(): Promise<number | null> {
    return this.#ended;
  }

  async kill(): Promise<void> {
    this.#script.kill("SIGKILL");
    await this.#ended;
  }
}
