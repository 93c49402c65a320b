import { decide } from "../../src/controller/virtual-machine/decide.ts";
import type {
  InstanceStatus,
  RunStrategy,
  VirtualMachineInstance,
  VirtualMachineStatus,
} from "../../src/api/resources.ts";
import { storedInstance, storedMachine } from "./stored.ts";

/** Runs of a machine as they are at one moment, for decisions about it. */
export const now = Date.parse("2030-01-01T01:00:00Z");
export const ago = (ms: number): string => new Date(now - ms).toISOString();
export const minute = 60_000;
export const uid = storedInstance().metadata.uid;

export function run(status: InstanceStatus | undefined, createdAgoMs = minute): VirtualMachineInstance {
  return storedInstance({}, status, { creationTimestamp: ago(createdAgoMs) });
}

export function ranFor(ms: number, end: InstanceStatus): VirtualMachineInstance {
  return run(
    { ...end, phaseTransitionTimestamps: [{ phase: "Running", phaseTransitionTimestamp: ago(ms) }] },
    ms,
  );
}

export function decision(
  strategy: RunStrategy,
  instance: VirtualMachineInstance | undefined,
  status?: VirtualMachineStatus,
): ReturnType<typeof decide> {
  return decide(storedMachine({ runStrategy: strategy }, status), instance, now, 0);
}

export const succeeded = { phase: "Succeeded", reason: "GuestShutdown" } as const;
export const crashed = { phase: "Failed", reason: "Crashed" } as const;
