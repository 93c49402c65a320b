import { spawn, type ChildProcess } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { logOutput } from "../helper-output.ts";
import { StartError } from "../start-error.ts";
import type { DomainEvent } from "./domain-event.ts";
import { Libvirt } from "./libvirt.ts";
import { readLibvirtdLine } from "./libvirtd-line.ts";

const LIBVIRTD = "/usr/sbin/libvirtd";
const SOCKET = "/var/run/libvirt/libvirt-sock";
const RETRY_MS = 3;
const PATIENCE_MS = 60_000;

/** Few memory arenas: libvirtd's threads are many and idle. */
const ENVIRONMENT = { ...process.env, MALLOC_ARENA_MAX: "1", LC_ALL: "C" };

/** A libvirtd of our own, as a child. */
export class Libvirtd {
  readonly #process: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#process = child;
    logOutput(child, "libvirtd", readLibvirtdLine);
    child.on("error", () => undefined); // seen as an exit code below
  }

  static start(): Libvirtd {
    return new Libvirtd(spawn(LIBVIRTD, [], { stdio: ["ignore", "ignore", "pipe"], env: ENVIRONMENT }));
  }

  get running(): boolean {
    return (
      this.#process.pid !== undefined && this.#process.exitCode === null && this.#process.signalCode === null
    );
  }

  /**
   * Connects as soon as the daemon listens.
   * @throws StartError when it ends instead, or takes a minute
   */
  async connect(onEvent: (event: DomainEvent) => void): Promise<Libvirt> {
    const deadline = performance.now() + PATIENCE_MS;
    while (this.running && performance.now() < deadline) {
      try {
        return await Libvirt.connect(SOCKET, onEvent);
      } catch (error) {
        if (!isNotListening(error)) throw error;
        await delay(RETRY_MS);
      }
    }
    throw new StartError(
      this.running
        ? `libvirtd does not listen on ${SOCKET} after ${PATIENCE_MS / 1000} s; see its lines in the log above`
        : `libvirtd ended (${this.#process.signalCode ?? `exit code ${this.#process.exitCode}`}); see its lines in the log above`,
    );
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }
}

function isNotListening(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ECONNREFUSED";
}
