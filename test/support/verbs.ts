import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { execa } from "execa";
import { CONTROL_COMMAND } from "../../src/launch-plan/pod-contract.ts";
import { eventually } from "./eventually.ts";
import type { Kubectl } from "./kubectl.ts";

const PROGRAM = CONTROL_COMMAND;

/** Calls a verb of a launcher pod and returns what both streams said, with the exit code. */
export async function tryVerb(
  kubectl: Kubectl,
  pod: string,
  ...verb: readonly string[]
): Promise<{ exitCode: number; output: string }> {
  return kubectl.try(["exec", pod, "--", PROGRAM, ...verb]);
}

/** Calls a verb that has to succeed. */
export async function verb(kubectl: Kubectl, pod: string, ...words: readonly string[]): Promise<string> {
  return kubectl.run(["exec", pod, "--", PROGRAM, ...words]);
}

/** Calls a verb whose result is no text. */
export async function binaryVerb(kubectl: Kubectl, pod: string, word: string): Promise<Buffer> {
  const { stdout } = await execa(
    "kubectl",
    ["--kubeconfig", kubectl.kubeconfig, "--namespace", kubectl.namespace, "exec", pod, "--", PROGRAM, word],
    { encoding: "buffer" },
  );
  return Buffer.from(stdout);
}

/** A client that is attached to the console or the display of a guest, as `kubectl exec -i` does it. */
export class Attached {
  readonly #kubectl: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #exitCode: Promise<number | null>;
  #heard = "";

  constructor({ kubeconfig, namespace }: Kubectl, pod: string, word: "console" | "vnc") {
    const target = ["--kubeconfig", kubeconfig, "--namespace", namespace];
    const args = [...target, "exec", "-i", pod, "--", PROGRAM, word];
    this.#kubectl = spawn("kubectl", args, { stdio: ["pipe", "pipe", "pipe"] });
    this.#exitCode = once(this.#kubectl, "close").then(([code]) => code as number | null);
    for (const stream of [this.#kubectl.stdout, this.#kubectl.stderr]) {
      stream.on("data", (data: Buffer) => (this.#heard += data.toString("latin1")));
    }
    this.#kubectl.stdin.on("error", () => undefined); // it has ended: "close" tells
  }

  get heard(): string {
    return this.#heard;
  }

  type(text: string): void {
    this.#kubectl.stdin.write(text);
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

  /** Closes the input, as the end of a person's does; resolves to kubectl's exit code. */
  async leave(): Promise<number | null> {
    this.#kubectl.stdin.end();
    return this.ended();
  }

  async ended(): Promise<number | null> {
    return this.#exitCode;
  }

  /** Goes without a word. */
  async kill(): Promise<void> {
    this.#kubectl.kill("SIGKILL");
    await this.#exitCode;
  }
}
