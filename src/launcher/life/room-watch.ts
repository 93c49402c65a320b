import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { PreparedDisk } from "../domain/domain-spec.ts";
import type { DomainEvent } from "../hypervisor/domain-event.ts";
import { log } from "../log.ts";

/** So much has to be free before the guest goes on: what it holds back is written at once. */
const ROOM_BYTES = 16 * 1024 * 1024;
const LOOK_MS = 2_000;
/** Nobody can see whether a device (of a thin pool) has room again: the guest tries. */
const DEVICE_LOOK_MS = 30_000;

/** What qemu says of a disk in its answer to `query-block`, as far as it is looked at. */
interface BlockStatus {
  qdev?: unknown;
  "io-status"?: unknown;
}

/** What the watch needs of the hypervisor, and of the node. */
export interface RoomWatchParts {
  disks: readonly Pick<PreparedDisk, "name" | "file" | "block">[];
  /** qemu's answer to a QMP command. */
  qmp: (command: string) => Promise<string>;
  unpause: () => Promise<void>;
  /** Told when a pause turns out to be for lack of room. */
  explain: (reason: "NoSpace") => void;
  /** Free bytes of the file system that a file lies in. */
  freeBytes?: (file: string) => Promise<number>;
  wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Lets a guest go on that was paused because a disk had no room, once there is room. Other errors of a disk, and people's
 * pauses, are for people.
 */
export class RoomWatch {
  readonly #parts: Required<RoomWatchParts>;
  #watch: AbortController | undefined;

  constructor(parts: RoomWatchParts) {
    this.#parts = { freeBytes, wait, ...parts };
  }

  /** To be given every event of the domain. */
  observe(event: DomainEvent): void {
    if (event.type === "Suspended" && event.detail === "IOError") {
      if (this.#watch !== undefined) return;
      this.#watch = new AbortController();
      void this.#run(this.#watch);
    } else if (event.type === "Suspended" || event.type === "Resumed" || event.type === "Stopped") {
      this.hold();
    }
  }

  /** Somebody pauses the guest: it no longer goes on by itself. */
  hold(): void {
    this.#watch?.abort();
    this.#watch = undefined;
  }

  async #run(watch: AbortController): Promise<void> {
    const { disks, qmp, explain, unpause } = this.#parts;
    const { signal } = watch;
    try {
      const names = fullDisksIn(await qmp('{"execute":"query-block"}'));
      const full = disks.filter(({ name }) => names.includes(name));
      if (full.length === 0 || signal.aborted) return;
      log.warn("a disk has no room; the guest goes on when it has", { disks: names.join(", ") });
      explain("NoSpace");
      do {
        const { wait } = this.#parts;
        await wait(full.some(({ block }) => block) ? DEVICE_LOOK_MS : LOOK_MS, signal);
      } while (!(await this.#haveRoom(full)));
      signal.throwIfAborted();
      await unpause();
    } catch (error) {
      if (!signal.aborted)
        log.warn("nobody looks whether the disk has room again", { reason: String(error) });
    } finally {
      if (this.#watch === watch) this.#watch = undefined;
    }
  }

  async #haveRoom(full: RoomWatchParts["disks"]): Promise<boolean> {
    const files = full.filter(({ block }) => block !== true);
    const free = await Promise.all(files.map(async ({ file }) => this.#parts.freeBytes(file)));
    return free.every((bytes) => bytes >= ROOM_BYTES);
  }
}

/** The disks that could not be written for lack of room, by qemu's answer to `query-block`. */
export function fullDisksIn(answer: string): string[] {
  const { return: blocks = [] } = JSON.parse(answer) as { return?: BlockStatus[] };
  return blocks.flatMap(({ qdev, "io-status": status }) => {
    const [, name] = typeof qdev === "string" ? (/(?:^|\/)ua-([^/]+)/.exec(qdev) ?? []) : [];
    return status === "nospace" && name !== undefined ? [name] : [];
  });
}

async function freeBytes(file: string): Promise<number> {
  const { bavail, bsize } = await statfs(dirname(file));
  return bavail * bsize;
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal });
}
