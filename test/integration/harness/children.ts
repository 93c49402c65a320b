import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const running = new Set<ChildProcess>();
const scratch = new Set<string>();

/**
 * Starts a program that does not outlive this process, however that ends short of a kill.
 * @param environment beside this process's own
 */
export function spawnChild(
  program: string,
  args: readonly string[],
  stdio: NonNullable<SpawnOptions["stdio"]>,
  environment: NodeJS.ProcessEnv = {},
): ChildProcess {
  endWithThisProcess();
  const child = spawn(program, args, { stdio, env: { ...process.env, ...environment } });
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

/** Has a program written in Go take up to this much memory (`2GiB`) rather than the processor's time for collecting it. */
export function withGoMemory(limit: string | undefined): NodeJS.ProcessEnv {
  return limit === undefined ? {} : { GOGC: "400", GOMEMLIMIT: limit };
}

/** A new folder that does not outlive this process either; nor need it, see removeScratch. */
export async function scratchFolder(what: string): Promise<string> {
  endWithThisProcess();
  const path = await mkdtemp(join(tmpdir(), `nestlet-${what}-`));
  scratch.add(path);
  return path;
}

export function removeScratch(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 5 });
  scratch.delete(path);
}

let armed = false;

function endWithThisProcess(): void {
  if (armed) return;
  armed = true;
  process.once("exit", () => {
    for (const child of running) child.kill("SIGKILL");
    for (const path of scratch) removeScratch(path);
  });
  const signals = [
    ["SIGTERM", 15],
    ["SIGHUP", 1],
    // Mocha's own process lets hooks run; its workers and the benches have nobody to do so.
    ...(process.listenerCount("SIGINT") > 0 ? [] : ([["SIGINT", 2]] as const)),
  ] as const;
  for (const [signal, number] of signals) process.once(signal, () => process.exit(128 + number));
}
