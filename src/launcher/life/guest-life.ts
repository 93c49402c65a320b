import { setTimeout as delay } from "node:timers/promises";
import type { DomainEvent, StoppedDetail } from "../hypervisor/domain-event.ts";
import { log } from "../log.ts";
import type { LastMoments } from "./ending.ts";

/** A booting guest misses the power button, so it is pressed again and again. */
const POWER_BUTTON_MS = 5000;
/** How long qemu may take to write what it holds before libvirt is asked to end it. */
const TERMINATE_MS = 2000;
/** libvirt asks qemu to go and kills it after 10 s; a libvirtd that does not answer is not waited for. */
const DESTROY_MS = 15_000;

/** What a guest's life needs from the hypervisor. */
export interface PowerSwitch {
  shutdownDomain(): Promise<void>;
  terminateQemu(patienceMs: number): Promise<boolean>;
  destroyDomain(): Promise<void>;
}

/** Follows the domain from its start to its end, and brings it down when asked. */
export class GuestLife {
  readonly #stopped: Promise<StoppedDetail>;
  #tellStopped: (detail: StoppedDetail) => void = () => undefined;
  #over = false;
  #panicked = false;
  #signalled = false;
  #stopRequested = false;
  #graceExpired = false;
  #destroying = false;

  constructor() {
    this.#stopped = new Promise((resolve) => (this.#tellStopped = resolve));
  }

  /** To be given every event of the domain. */
  observe(event: DomainEvent): void {
    log.info("domain event", { ...event });
    if (event.type === "Crashed") this.#panicked = true;
    if (event.type === "Shutdown") this.#signalled = event.detail === "Host";
    if (event.type === "Stopped") this.#end(this.#destroying ? "Destroyed" : event.detail);
  }

  /** Settles when the domain is no more. */
  async lastMoments(): Promise<LastMoments> {
    const detail = await this.#stopped;
    return {
      detail,
      panicked: this.#panicked,
      signalled: this.#signalled,
      stopRequested: this.#stopRequested,
      graceExpired: this.#graceExpired,
    };
  }

  /** Presses the power button every 5 s; destroys the domain when the grace period is over (0: at once). */
  async bringDown(power: PowerSwitch, graceSeconds: number): Promise<void> {
    this.#stopRequested = true;
    const deadline = performance.now() + graceSeconds * 1000;
    for (let left = graceSeconds * 1000; left > 0 && !this.#over; left = deadline - performance.now()) {
      power.shutdownDomain().catch((error: unknown) => {
        log.warn("the power button was not pressed, trying again", { reason: String(error) });
      });
      await Promise.race([this.#stopped, delay(Math.min(POWER_BUTTON_MS, left))]);
    }
    if (this.#over) return;
    this.#graceExpired = graceSeconds > 0;
    await this.#destroy(power);
  }

  async #destroy(power: PowerSwitch): Promise<void> {
    this.#destroying = true;
    const gone = await power.terminateQemu(TERMINATE_MS).catch((error: unknown) => {
      log.warn("qemu was not asked to end", { reason: String(error) });
      return false;
    });
    if (gone) {
      this.#end("Destroyed");
      return;
    }
    const destroyed = power.destroyDomain().catch((error: unknown) => {
      log.warn("libvirt did not destroy the domain, qemu ends with the launcher", { reason: String(error) });
    });
    await Promise.race([destroyed, this.#stopped, delay(DESTROY_MS)]);
    this.#end("Destroyed");
  }

  #end(detail: StoppedDetail): void {
    this.#over = true;
    this.#tellStopped(detail);
  }
}
