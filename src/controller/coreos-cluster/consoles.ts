import { launcherPodName } from "../../api/names.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { Clock } from "../../kube/clock.ts";
import type { ReadLog } from "../launcher-log.ts";
import { bootstrapReportIn, type BootstrapReport } from "./bootstrap-report.ts";

/** A report, and since when its outcome is known to be that (milliseconds since the epoch). */
export type SeenReport = BootstrapReport & { sinceMs: number };

/** A member's console is looked at this often, while it is of interest. */
const intervalMs = 10_000;
/** Logs come from the nodes, which may be busy or gone. */
const readsAtOnce = 4;

interface Look {
  atMs: number;
  report?: SeenReport;
}

/**
 * What the members' consoles say of their bootstrap, read in the background: a reconciliation gets what is known so
 * far and waits for no node.
 */
export class Consoles {
  readonly #read: ReadLog;
  readonly #clock: Clock;
  /** By cluster, then by the instance's UID. */
  readonly #looks = new Map<string, Map<string, Look>>();
  #reading = 0;

  constructor(read: ReadLog, clock: Clock) {
    this.#read = read;
    this.#clock = clock;
  }

  /** @param instances of the cluster whose consoles are of interest now; what is known of others is forgotten */
  reports(key: string, instances: readonly VirtualMachineInstance[]): Map<string, SeenReport> {
    const before = this.#looks.get(key);
    const looks = new Map<string, Look>();
    for (const { metadata } of instances) {
      looks.set(metadata.uid, before?.get(metadata.uid) ?? { atMs: Number.NEGATIVE_INFINITY });
    }
    this.#looks.set(key, looks);
    this.#readSome(instances, looks);
    return new Map(
      [...looks].flatMap(([uid, { report }]) => (report === undefined ? [] : [[uid, report] as const])),
    );
  }

  forget(key: string): void {
    this.#looks.delete(key);
  }

  /** Those that have waited longest come first. */
  #readSome(instances: readonly VirtualMachineInstance[], looks: Map<string, Look>): void {
    const nowMs = this.#clock.now();
    const due = instances
      .flatMap((instance) => {
        const look = looks.get(instance.metadata.uid);
        return look === undefined || nowMs - look.atMs < intervalMs ? [] : [{ instance, look }];
      })
      .sort((one, other) => one.look.atMs - other.look.atMs);
    for (const { instance, look } of due.slice(0, Math.max(0, readsAtOnce - this.#reading))) {
      look.atMs = nowMs;
      this.#reading++;
      void this.#readOne(instance, look).finally(() => this.#reading--);
    }
  }

  /** A log that cannot be read says nothing new: the kubelet may be busy, the pod may just be going. */
  async #readOne({ metadata }: VirtualMachineInstance, look: Look): Promise<void> {
    const log = await this.#read(metadata.namespace, launcherPodName(metadata)).catch(() => "");
    const report = bootstrapReportIn(log);
    if (report === undefined) return;
    const known = look.report;
    const same = known?.outcome === report.outcome && isRefused(known) === isRefused(report);
    look.report = { ...report, sinceMs: same ? known.sinceMs : this.#clock.now() };
  }
}

function isRefused(report: BootstrapReport): boolean {
  return report.outcome === "failed" && report.tokenRefused;
}
