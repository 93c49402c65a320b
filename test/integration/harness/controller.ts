import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { request } from "undici";
import { repoRoot } from "../../../hack/lib/paths.ts";
import { eventually } from "./cluster.ts";

/** The controller program, run as its own process. */
export interface RunningController {
  /** All that it has written so far. */
  output(): string;
  /** Body of /metrics, /healthz or /readyz. */
  get(path: string): Promise<string>;
  /** Ends it as Kubernetes does; resolves to the exit code. */
  terminate(): Promise<number | null>;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
}

const main = join(repoRoot, "src/controller/main.ts");
const launcherImage = "nestlet.dev/launcher:test";

/** Starts the controller and waits until its stores are complete. */
export async function startController(
  kubeconfig: string,
  ...args: readonly string[]
): Promise<RunningController> {
  const all = [
    "--kubeconfig",
    kubeconfig,
    "--launcher-image",
    launcherImage,
    "--metrics-address",
    "127.0.0.1:0",
  ];
  const child = spawn(process.execPath, [main, ...all, "--log-level", "debug", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const exited = once(child, "exit") as Promise<[number | null]>;
  const port = await eventually("the controller serves health", () => {
    if (child.exitCode !== null) throw new Error(`the controller ended:\n${output}`);
    return /"port":(\d+)/.exec(output)?.[1];
  });
  const get = async (path: string): Promise<string> => {
    const { body } = await request(`http://127.0.0.1:${port}${path}`);
    return body.text();
  };
  await eventually("the controller is ready", async () =>
    (await get("/readyz")) === "ok\n" ? true : undefined,
  );
  return {
    output: () => output,
    get,
    terminate: async () => {
      child.kill("SIGTERM");
      return (await exited)[0];
    },
    kill: async () => {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

/** Runs the controller to its end, which is expected to come by itself. */
export async function runController(
  args: readonly string[],
): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output };
}
