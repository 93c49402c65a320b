import { setTimeout as sleep } from "node:timers/promises";
import { isAlreadyExists, isConflict } from "./api-error.ts";
import type { Client } from "./client.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { Logger } from "./log.ts";
import { microTime } from "./micro-time.ts";
import { leases, type Lease } from "./object.ts";

export interface LeaderElectionOptions {
  client: Client;
  log: Logger;
  namespace: string;
  /** Name of the Lease. */
  name: string;
  /** Unique among the candidates. */
  identity: string;
  clock?: Clock;
  /** client-go's durations unless told otherwise. */
  leaseMs?: number;
  renewDeadlineMs?: number;
  retryMs?: number;
}

/**
 * Leader election by a Lease to client-go's rules: others' Leases are aged by one's own clock, from when their last
 * change was seen; a leader that cannot renew in time stops leading before anybody else can start.
 */
export class LeaderElection {
  readonly #options: Required<LeaderElectionOptions>;
  #seen: { version: string; at: number } | undefined;
  #lease: Lease | undefined;
  /** When the Lease was last asked for with success. Nobody knows how long the answer then took to be heard. */
  #renewed = Number.NEGATIVE_INFINITY;

  constructor(options: LeaderElectionOptions) {
    this.#options = {
      clock: systemClock,
      leaseMs: 15_000,
      renewDeadlineMs: 10_000,
      retryMs: 2_000,
      ...options,
    };
  }

  /** Resolves when this candidate leads; rejects only with the signal. */
  async acquire(signal: AbortSignal): Promise<void> {
    const { log, identity, retryMs } = this.#options;
    log.info("waiting to lead", { identity });
    while ((await this.#attempt()) !== "mine")
      await sleep(retryMs * (1 + Math.random() * 0.2), undefined, { signal });
    log.info("leading", { identity });
  }

  /** Keeps leading; resolves when that was lost, or when the signal ends it. */
  async hold(signal: AbortSignal): Promise<void> {
    const { clock, renewDeadlineMs, retryMs, log } = this.#options;
    while (!signal.aborted && clock.now() - this.#renewed < renewDeadlineMs) {
      await sleep(retryMs, undefined, { signal }).catch(() => undefined);
      const left = renewDeadlineMs - (clock.now() - this.#renewed);
      if (left <= 0) break;
      const kept = await Promise.race([this.#attempt(), sleep(left, undefined, { ref: false })]);
      if (kept === "other") break;
    }
    if (!signal.aborted) log.error("leadership was lost");
  }

  /** Gives the Lease up, so that another candidate need not wait for it to expire. */
  async release(): Promise<void> {
    const { client, identity, clock } = this.#options;
    if (this.#lease?.spec?.holderIdentity !== identity) return;
    const now = microTime(clock.now());
    const spec = { holderIdentity: "", leaseDurationSeconds: 1, renewTime: now, acquireTime: now };
    const { resourceVersion } = this.#lease.metadata;
    await client.mergePatch(leases, this.#lease.metadata, { metadata: { resourceVersion }, spec });
    this.#lease = undefined;
  }

  /** Whose the Lease is after one try to take or renew it. */
  async #attempt(): Promise<"mine" | "other" | "unknown"> {
    const { log, clock } = this.#options;
    const asked = clock.now();
    try {
      if (!(await this.#takeOrRenew())) return "other";
      this.#renewed = asked;
      return "mine";
    } catch (error) {
      if (!isConflict(error) && !isAlreadyExists(error)) {
        log.warn("leader election failed", { error: error instanceof Error ? error.message : String(error) });
      }
      this.#lease = undefined;
      return "unknown";
    }
  }

  async #takeOrRenew(): Promise<boolean> {
    const { client, namespace, name, identity, clock, leaseMs } = this.#options;
    const lease = this.#lease ?? (await client.find(leases, namespace, name));
    const now = microTime(clock.now());
    const spec = {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(leaseMs / 1000),
      acquireTime: now,
      renewTime: now,
      leaseTransitions: 0,
    };
    if (lease === undefined) {
      this.#lease = await client.create(leases, { metadata: { namespace, name }, spec });
      return true;
    }
    const mine = lease.spec?.holderIdentity === identity;
    if (!mine && !this.#expired(lease)) return false;
    const change = mine
      ? { renewTime: now }
      : { ...spec, leaseTransitions: (lease.spec?.leaseTransitions ?? 0) + 1 };
    const { resourceVersion } = lease.metadata;
    this.#lease = await client.mergePatch(leases, lease.metadata, {
      metadata: { resourceVersion },
      spec: change,
    });
    return true;
  }

  #expired(lease: Lease): boolean {
    const { clock, leaseMs } = this.#options;
    if ((lease.spec?.holderIdentity ?? "") === "") return true;
    const { resourceVersion } = lease.metadata;
    if (this.#seen?.version !== resourceVersion) this.#seen = { version: resourceVersion, at: clock.now() };
    const lifeMs = (lease.spec?.leaseDurationSeconds ?? leaseMs / 1000) * 1000;
    return clock.now() - this.#seen.at > lifeMs;
  }
}
