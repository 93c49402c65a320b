import { watch } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { log } from "../log.ts";
import { Allowance } from "./allowance.ts";
import { ConsoleText } from "./console-text.ts";

const KIB = 1024;

/** What a guest may cost its launcher; a boot with all its messages is some 100 KiB. */
export interface ConsoleLimits {
  /** Bytes that are passed on at once, and a second after that. */
  burst: number;
  perSecond: number;
  /** The file begins anew when it has this many bytes, all passed on, or twice as many. */
  fileBytes: number;
}

const LIMITS: ConsoleLimits = { burst: 256 * KIB, perSecond: 32 * KIB, fileBytes: 1024 * KIB };

/** A guest writes byte by byte: what comes within this time is read together. */
const GATHER_MS = 100;
/** Between two looks where the node has no inotify instances left. */
const UNWATCHED_MS = 2000;
const CHUNK_BYTES = 32 * KIB;
/** Of what is unread in the end only the last part is told, within this time. */
const LAST_BYTES = 64 * KIB;
const LAST_MS = 1000;

/** Writes a text on, and resolves when there is room for more. */
export type Sink = (text: string) => Promise<void>;

/**
 * Passes on what qemu adds to the log of the serial console, in lines, and keeps that file small. Between changes it
 * sleeps in inotify.
 */
export class ConsoleLog {
  readonly #path: string;
  readonly #sink: Sink;
  readonly #limits: ConsoleLimits;
  readonly #allowance: Allowance;
  readonly #text = new ConsoleText();
  readonly #stop = new AbortController();
  readonly #buffer = Buffer.alloc(CHUNK_BYTES);
  readonly #ended: Promise<void>;
  #position = 0;

  private constructor(path: string, sink: Sink, limits: ConsoleLimits) {
    this.#path = path;
    this.#sink = sink;
    this.#limits = limits;
    this.#allowance = new Allowance(limits.burst, limits.perSecond, performance.now());
    this.#ended = this.#run().catch((error: unknown) => {
      log.warn("the guest's console is no longer shown", { reason: String(error) });
    });
  }

  /** @param path of the log, which qemu appends to */
  static follow(path: string, sink: Sink, limits: Partial<ConsoleLimits> = {}): ConsoleLog {
    return new ConsoleLog(path, sink, { ...LIMITS, ...limits });
  }

  /** Passes on the last lines; to be called when nothing is written any more. */
  async end(): Promise<void> {
    this.#stop.abort();
    await Promise.race([this.#ended, delay(LAST_MS)]);
  }

  async #run(): Promise<void> {
    const file = await open(this.#path, "r+");
    try {
      await this.#follow(file);
      await this.#last(file);
    } finally {
      await file.close();
    }
  }

  async #follow(file: FileHandle): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      if (await this.#passOn(file)) await quietly(delay(GATHER_MS, undefined, { signal }));
      else await this.#change(file);
    }
  }

  /** @returns whether there was something new */
  async #passOn(file: FileHandle): Promise<boolean> {
    const { size } = await file.stat();
    const allowed = Math.min(size - this.#position, this.#allowance.left(performance.now()), CHUNK_BYTES);
    if (allowed > 0) await this.#write(this.#text.lines(await this.#read(file, allowed)));
    const unread = size - this.#position;
    const { fileBytes } = this.#limits;
    if (size >= 2 * fileBytes || (size >= fileBytes && unread === 0)) await this.#beginAnew(file);
    return allowed > 0 || unread > 0;
  }

  async #read(file: FileHandle, bytes: number): Promise<Buffer> {
    const { bytesRead } = await file.read(this.#buffer, 0, bytes, this.#position);
    this.#position += bytesRead;
    this.#allowance.spend(bytesRead);
    return this.#buffer.subarray(0, bytesRead);
  }

  /** qemu appends, so that what it writes next is the file's first byte. */
  async #beginAnew(file: FileHandle): Promise<void> {
    const { size } = await file.stat();
    await file.truncate(0);
    const lost = size - this.#position;
    this.#position = 0;
    if (lost > 0) await this.#leaveOut(lost);
  }

  /** What has been begun of a line is told by itself: what comes next is of another one. */
  async #leaveOut(bytes: number): Promise<void> {
    await this.#write(this.#text.flush());
    log.warn("the guest writes more to its console than is shown", { leftOutBytes: bytes });
  }

  /** Resolves when the file has something new, or is not followed any more. */
  async #change(file: FileHandle): Promise<void> {
    const { signal } = this.#stop;
    try {
      const watcher = watch(this.#path, { persistent: false, signal });
      try {
        await new Promise<void>((resolve, reject) => {
          watcher.on("change", () => resolve()).on("close", () => resolve());
          watcher.on("error", reject);
          // What was written before the watch began is seen here.
          file.stat().then(({ size }) => {
            if (size !== this.#position) resolve();
          }, reject);
        });
      } finally {
        watcher.close();
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "EMFILE" && code !== "ENOSPC") throw error;
      await quietly(delay(UNWATCHED_MS, undefined, { signal }));
    }
  }

  async #last(file: FileHandle): Promise<void> {
    const { size } = await file.stat();
    const lost = size - LAST_BYTES - this.#position;
    if (lost > 0) {
      this.#position += lost;
      await this.#leaveOut(lost);
    }
    while (this.#position < size) {
      const bytes = await this.#read(file, Math.min(CHUNK_BYTES, size - this.#position));
      if (bytes.length === 0) break;
      await this.#write(this.#text.lines(bytes));
    }
    await this.#write(this.#text.flush());
  }

  async #write(lines: readonly string[]): Promise<void> {
    if (lines.length > 0) await this.#sink(`${lines.join("\n")}\n`);
  }
}

/** An abort ends the wait as its event does. */
async function quietly(wait: Promise<unknown>): Promise<void> {
  try {
    await wait;
  } catch (error) {
    if ((error as Error).name !== "AbortError") throw error;
  }
}
