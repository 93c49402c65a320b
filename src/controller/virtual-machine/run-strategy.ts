import type { RunStrategy, VirtualMachine, VirtualMachineStatus } from "../../api/resources.ts";

export type LastRun = NonNullable<VirtualMachineStatus["lastRun"]>;

/** The run strategy in force, under either of its names. */
export function runStrategyOf(machine: VirtualMachine): RunStrategy {
  const { runStrategy, running } = machine.spec;
  return runStrategy ?? (running === true ? "Always" : "Halted");
}

/** Whether the strategy wants another run after the last one, which is over. */
export function wantsRun(strategy: RunStrategy, lastRun: LastRun | undefined): boolean {
  switch (strategy) {
    case "Always":
      return true;
    case "RerunOnFailure":
      // A guest that was taken down with its pod, as when a node is drained, has not powered itself off.
      return lastRun?.phase !== "Succeeded" || lastRun.reason === "Stopped";
    case "Once":
      return lastRun === undefined;
    case "Manual":
    case "Halted":
      return false;
  }
}
