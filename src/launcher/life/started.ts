import { constants, openSync, rmSync, writeFileSync } from "node:fs";
import { READINESS_FILE } from "../../launch-plan/pod-contract.ts";

/** The startup probe (/usr/bin/nestlet-started) waits for a writer of this FIFO, which it makes itself. */
const FIFO = "/tmp/nestlet-started";
/** Why there is no readiness file; the probe prints it. */
const FAILURE_FILE = "/tmp/nestlet-failed";

/** Tells the probe, now and whenever it asks later, that the domain runs. */
export function announceRunning(): void {
  writeFileSync(READINESS_FILE, "");
  releaseProbe();
}

/** Tells the probe that the domain will not run. */
export function announceFailure(message: string): void {
  writeFileSync(FAILURE_FILE, `${message}\n`);
  releaseProbe();
}

export function announceEnd(): void {
  rmSync(READINESS_FILE, { force: true });
}

/**
 * Opens the FIFO for reading and writing, which never blocks and, as long as it stays open, lets every reader through.
 * No FIFO: no probe has come yet, and one that comes now looks for the files first.
 */
function releaseProbe(): void {
  try {
    openSync(FIFO, constants.O_RDWR | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
