import type { ChildProcess, StdioOptions } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { request } from "undici";
import { repoRoot } from "../../../hack/lib/paths.ts";
import { spawnChild } from "./children.ts";
import { eventually } from "./cluster.ts";

/** The controller program, run as its own process. */
export interface RunningController {
  pid: number;
  /** All that it has written so far. */
  output(): string;
  /** Body of /metrics, /healthz or /readyz. */
  get(path: string): Promise<string>;
  /** Ends it as Kubernetes does; resolves to the exit code. */
  terminate(): Promise<number | null>;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
  /** Stops its process for as long as `work` takes, as a node does that has run out of memory. */
  frozen(work: () => Promise<void>): Promise<void>;
  /** Its exit code, when it has ended by itself. */
  ended(): Promise<number | null>;
}

export interface Program {
  /** What Node is called with: its own flags, and the program's path. */
  args: readonly string[];
  /** Beside this process's own. */
  environment?: NodeJS.ProcessEnv;
}

const main: Program = { args: [join(repoRoot, "src/controller/main.ts")] };
const launcherImage = "nestlet.dev/launcher:test";

/** One life of the controller program, which may be short. */
export interface ControllerLife {
  process: ChildProcess;
  /** All that it has written so far. */
  output: () => string;
}

/** Starts the controller and waits for nothing. */
export function launchController(kubeconfig: string, ...args: readonly string[]): ControllerLife {
  return launchProgram(main, kubeconfig, ...args);
}

function launchProgram(program: Program, kubeconfig: string, ...args: readonly string[]): ControllerLife {
  const all = [
    "--kubeconfig",
    kubeconfig,
    "--launcher-image",
    launcherImage,
    "--host-disk-folders",
    "/var/lib/nestlet-disks",
    "--metrics-address",
    "127.0.0.1:0",
  ];
  return run(program, [...all, "--log-level", "debug", ...args]);
}

/** Starts the controller and waits until its stores are complete. */
export async function startController(
  kubeconfig: string,
  ...args: readonly string[]
): Promise<RunningController> {
  return startProgram(main, kubeconfig, ...args);
}

/** As startController, from another file, such as the one that the image has. */
export async function startProgram(
  program: Program,
  kubeconfig: string,
  ...args: readonly string[]
): Promise<RunningController> {
  const child = launchProgram(program, kubeconfig, ...args);
  const exited = once(child.process, "exit") as Promise<[number | null]>;
  const serving = (): string | undefined => {
    if (child.process.exitCode !== null) throw new Error(`the controller ended:\n${child.output()}`);
    return /"port":(\d+)/.exec(child.output())?.[1];
  };
  const port = await eventually("the controller serves health", serving, 50_000);
  const get = async (path: string): Promise<string> => {
    const { body } = await request(`http://127.0.0.1:${port}${path}`);
    return body.text();
  };
  await eventually("the controller is ready", async () =>
    (await get("/readyz")) === "ok\n" ? true : undefined,
  );
  return {
    pid: child.process.pid ?? Number.NaN,
    output: child.output,
    get,
    terminate: async () => {
      child.process.kill("SIGTERM");
      return (await exited)[0];
    },
    kill: async () => {
      child.process.kill("SIGKILL");
      await exited;
    },
    frozen: async (work) => {
      child.process.kill("SIGSTOP");
      try {
        await work();
      } finally {
        child.process.kill("SIGCONT");
      }
    },
    ended: async () => (await exited)[0],
  };
}

/** Runs the controller to its end, which is expected to come by itself. */
export async function runController(
  args: readonly string[],
): Promise<{ code: number | null; output: string }> {
  const child = run(main, args);
  const [code] = (await once(child.process, "close")) as [number | null];
  return { code, output: child.output() };
}

/** Runs the program and keeps what it writes on both streams. */
function run(program: Program, args: readonly string[]): ControllerLife {
  const stdio: StdioOptions = ["ignore", "pipe", "pipe"];
  const child = spawnChild(process.execPath, [...program.args, ...args], stdio, program.environment);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  return { process: child, output: () => output };
}
