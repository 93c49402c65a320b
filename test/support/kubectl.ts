import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { execa } from "execa";

/** Reaches one namespace of the cluster that a kubeconfig names, as a user would: by kubectl. */
export class Kubectl {
  readonly kubeconfig: string;
  readonly namespace: string;

  constructor(kubeconfig: string, namespace: string) {
    this.kubeconfig = kubeconfig;
    this.namespace = namespace;
  }

  get #flags(): string[] {
    return ["--kubeconfig", this.kubeconfig, "--namespace", this.namespace];
  }

  /** Runs kubectl and returns what it printed on both streams, with its exit code. */
  async try(args: readonly string[], input?: string): Promise<{ exitCode: number; output: string }> {
    const { exitCode, output } = await this.#run(args, input);
    return { exitCode, output };
  }

  /** Runs kubectl and returns what it printed on standard output; a failure throws with the command and the output. */
  async run(args: readonly string[], input?: string): Promise<string> {
    const { exitCode, output, result } = await this.#run(args, input);
    if (exitCode !== 0) throw new Error(`kubectl ${args.join(" ")} ended with ${exitCode}:\n${output}`);
    return result;
  }

  async #run(
    args: readonly string[],
    input = "",
  ): Promise<{ exitCode: number; output: string; result: string }> {
    const { exitCode, all, stdout } = await execa("kubectl", [...this.#flags, ...args], {
      input,
      reject: false,
      all: true,
    });
    return { exitCode: exitCode ?? 1, output: all, result: stdout };
  }

  async apply(...objects: readonly object[]): Promise<string> {
    return this.run(["apply", "-f", "-"], objects.map((object) => JSON.stringify(object)).join("\n"));
  }

  async get<T>(resource: string, name: string): Promise<T> {
    return JSON.parse(await this.run(["get", resource, name, "-o", "json"])) as T;
  }

  /**
   * Reads what a jsonpath shows of an object (`vmi/web`), at once and after each of its changes, until that is as
   * wanted. Resolves also when the time is over, and where there is no such object.
   */
  async watch(
    object: string,
    jsonpath: string,
    isWanted: (shown: string) => boolean,
    timeoutMs: number,
  ): Promise<void> {
    const args = ["get", object, "--watch", "-o", `jsonpath=${jsonpath}{"\\n"}`];
    const watching = spawn("kubectl", [...this.#flags, ...args], {
      stdio: ["ignore", "pipe", "ignore"],
      timeout: Math.max(1, Math.round(timeoutMs)),
      killSignal: "SIGKILL",
    });
    createInterface({ input: watching.stdout }).on("line", (line) => {
      if (isWanted(line)) watching.kill("SIGKILL");
    });
    await once(watching, "close");
  }

  async list<T>(resource: string, ...args: readonly string[]): Promise<T[]> {
    return (JSON.parse(await this.run(["get", resource, "-o", "json", ...args])) as { items: T[] }).items;
  }
}
