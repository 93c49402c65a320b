import { hostname } from "node:os";
import { randomBytes } from "node:crypto";
import type { Client } from "./client.ts";
import { type Clock, systemClock } from "./clock.ts";
import { EventSeries } from "./event-series.ts";
import type { Logger } from "./log.ts";
import { microTime } from "./micro-time.ts";
import type { Draft, KubeObject, Resource } from "./object.ts";

export interface EventText {
  type: "Normal" | "Warning";
  /** What happened, in one word: `SuccessfulCreate`. */
  reason: string;
  /** What was being done: `CreatePod`. */
  action: string;
  /** At most 1024 bytes are kept. */
  note: string;
}

interface KubeEvent extends KubeObject {
  eventTime: string;
  reportingController: string;
  reportingInstance: string;
  action: string;
  reason: string;
  type: string;
  note: string;
  regarding: { apiVersion: string; kind: string; namespace: string; name: string; uid: string };
  series?: { count: number; lastObservedTime: string };
}

const events: Resource<KubeEvent> = {
  group: "events.k8s.io",
  version: "v1",
  plural: "events",
  kind: "Event",
};

const noteBytes = 1024;
/** Told at once; more than this many at a time are dropped rather than hoarded. */
const queueLimit = 1000;
/** Written at the same time; those of one object stay in their order. */
const laneCount = 4;

/**
 * Writes Events (events.k8s.io/v1) without making anybody wait or fail. One that repeats becomes a series: its count is
 * raised on the object that is there.
 */
export class EventRecorder {
  readonly #client: Client;
  readonly #controller: string;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #series = new EventSeries();
  /** The end of what is being written in each lane. */
  readonly #tails = Array.from({ length: laneCount }, () => Promise.resolve());
  #queued = 0;

  constructor(client: Client, controller: string, log: Logger, clock: Clock = systemClock) {
    this.#client = client;
    this.#controller = controller;
    this.#log = log;
    this.#clock = clock;
  }

  record(regarding: KubeObject, text: EventText): void {
    if (this.#queued >= queueLimit) return;
    this.#queued++;
    const at = this.#clock.now();
    const lane = laneOf(regarding.metadata.uid);
    this.#tails[lane] = (this.#tails[lane] ?? Promise.resolve())
      .then(async () => this.#write(regarding, text, at))
      .catch((error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        this.#log.debug("event not written", { reason: text.reason, error: message });
      })
      .finally(() => {
        this.#queued--;
      });
  }

  /** Resolves when all that was recorded so far has been written or given up. */
  async flush(): Promise<void> {
    await Promise.all(this.#tails);
  }

  async #write(regarding: KubeObject, text: EventText, at: number): Promise<void> {
    const key = JSON.stringify([regarding.metadata.uid, text]);
    const known = this.#series.again(key, at);
    if (known !== undefined) {
      const series = { count: known.count, lastObservedTime: microTime(at) };
      await this.#client.mergePatch(events, known, { series });
      return;
    }
    const event = this.#eventOf(regarding, text, at);
    await this.#client.create(events, event);
    this.#series.begin(key, event.metadata, at);
  }

  #eventOf(regarding: KubeObject, text: EventText, at: number): Draft<KubeEvent> {
    const { namespace, name, uid } = regarding.metadata;
    return {
      // Unique, and as long as a name may be at most.
      metadata: { namespace, name: `${name.slice(0, 230)}.${randomBytes(8).toString("hex")}` },
      eventTime: microTime(at),
      reportingController: this.#controller,
      reportingInstance: hostname().slice(0, 128),
      action: text.action,
      reason: text.reason,
      type: text.type,
      note: Buffer.from(text.note).subarray(0, noteBytes).toString(),
      regarding: { apiVersion: regarding.apiVersion, kind: regarding.kind, namespace, name, uid },
    };
  }
}

/** Any spread will do; UIDs are random. */
function laneOf(uid: string): number {
  return (uid.codePointAt(0) ?? 0) % laneCount;
}
