import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";

const running = new Set<ChildProcess>();

/** Starts a program that does not outlive this process, however that ends short of a kill. */
export function spawnChild(
  program: string,
  args: readonly string[],
  stdio: NonNullable<SpawnOptions["stdio"]>,
): ChildProcess {
  endWithThisProcess();
  const child = spawn(program, args, { stdio });
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

let armed = false;

function endWithThisProcess(): void {
  if (armed) return;
  armed = true;
  process.once("exit", () => {
    for (const child of running) child.kill("SIGKILL");
  });
  for (const [signal, number] of [
    ["SIGTERM", 15],
    ["SIGHUP", 1],
  ] as const) {
    process.once(signal, () => process.exit(128 + number));
  }
}
