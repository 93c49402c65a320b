import { constants, existsSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
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

/** Has a probe that keeps its answer to itself look again; before the domain runs, probes wait for that. */
export function wakeProbe(): void {
  if (!existsSync(READINESS_FILE)) return;
  releaseProbe();
  if (fifo === undefined) return;
  try {
    writeSync(fifo, "\n");
  } catch (error) {
    // Full of such words: the probe has enough to read.
    if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
  }
}

/** Open for as long as the launcher lives, so that no word is lost between two readers. */
let fifo: number | undefined;

/**
 * Opens the FIFO for reading and writing, which never blocks and, as long as it stays open, lets every reader through.
 * No FIFO: no probe has come yet, and one that comes now looks for the files first.
 */
function releaseProbe(): void {
  try {
    fifo ??= openSync(FIFO, constants.O_RDWR | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
