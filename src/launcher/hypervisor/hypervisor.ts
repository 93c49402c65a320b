import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { log } from "../log.ts";
import type { Accelerator } from "../domain/domain-spec.ts";
import { hideKvm } from "./acceleration.ts";
import { refreshCapabilitiesCache } from "./capabilities-cache.ts";
import { eventOfCondition, type DomainEvent } from "./domain-event.ts";
import { Libvirtd } from "./libvirtd.ts";
import type { DomainState } from "./domain-state.ts";
import type { Domain, Libvirt } from "./libvirt.ts";
import { LibvirtError, LibvirtErrorCode } from "./libvirt-error.ts";

const ALIVE: ReadonlySet<DomainState> = new Set(["Running", "Blocked", "Paused", "Shutdown", "PmSuspended"]);

const POLL_MS = 5;
const RESTART_PAUSE_MS = 2000;

/** What libvirt would have told, had it been there. */
const QEMU_GONE: DomainEvent = { type: "Stopped", detail: "Failed" };

/**
 * The pod's libvirtd with its one domain. A libvirtd that dies is started again and finds its domain where it was:
 * qemu is no child of it.
 */
export class Hypervisor {
  readonly #onEvent: (event: DomainEvent) => void;
  #daemon: Libvirtd;
  #libvirt: Libvirt | undefined;
  #domain: Domain | undefined;
  #paused = false;
  /** qemu's process id. */
  #qemu: number | undefined;

  private constructor(daemon: Libvirtd, onEvent: (event: DomainEvent) => void) {
    this.#daemon = daemon;
    this.#onEvent = (event) => {
      if (event.type === "Suspended") this.#paused = true;
      if (event.type === "Resumed") this.#paused = false;
      onEvent(event);
    };
  }

  /** @throws StartError when libvirtd does not come up */
  static async start(accelerator: Accelerator, onEvent: (event: DomainEvent) => void): Promise<Hypervisor> {
    if (accelerator === "tcg") await Promise.all([hideKvm(), refreshCapabilitiesCache()]);
    const hypervisor = new Hypervisor(Libvirtd.start(), onEvent);
    await hypervisor.#connect();
    void hypervisor.#supervise();
    return hypervisor;
  }

  async createDomain(xml: string): Promise<void> {
    this.#domain = await this.#connected().createDomain(xml);
    this.#qemu = Number(await readFile(`/var/run/libvirt/qemu/${this.#domain.name}.pid`, "utf8"));
  }

  /**
   * Calls libvirt with the domain.
   * @throws LibvirtError when libvirt refuses; NotConnected while it is being started again
   */
  async ask<T>(question: (libvirt: Libvirt, domain: Domain) => Promise<T>): Promise<T> {
    if (this.#domain === undefined) throw new NotConnected("the domain has not been started");
    return question(this.#connected(), this.#domain);
  }

  /** Presses the guest's power button; a paused guest has to go on to feel it. */
  async shutdownDomain(): Promise<void> {
    if (this.#domain === undefined) return;
    if (this.#paused) await this.#connected().resumeDomain(this.#domain);
    await this.#connected().shutdownDomain(this.#domain);
  }

  /**
   * Asks qemu itself to go and says whether it went: libvirt does the same, but looks only every 200 ms.
   */
  async terminateQemu(patienceMs: number): Promise<boolean> {
    const pid = this.#qemu;
    if (pid === undefined) return true;
    const deadline = performance.now() + patienceMs;
    for (let there = signal(pid, "SIGTERM"); there; there = signal(pid, 0)) {
      if (performance.now() > deadline) return false;
      await delay(POLL_MS);
    }
    return true;
  }

  async destroyDomain(): Promise<void> {
    if (this.#domain !== undefined) await this.#connected().destroyDomain(this.#domain);
  }

  async #connect(): Promise<void> {
    this.#libvirt = await this.#daemon.connect(this.#onEvent);
  }

  /** Starts libvirtd again whenever it goes; meanwhile the guest goes on without it, and its end is noticed here. */
  async #supervise(): Promise<void> {
    for (;;) {
      await this.#libvirt?.closed;
      this.#libvirt = undefined;
      log.warn("libvirtd went away, starting it again");
      try {
        this.#daemon.kill();
        this.#daemon = Libvirtd.start();
        await this.#connect();
        if (this.#domain !== undefined) await this.#reattach(this.#domain.name);
      } catch (error) {
        log.error("libvirtd did not start again", { reason: String(error) });
        if (this.#qemu !== undefined && !signal(this.#qemu, 0)) this.#onEvent(QEMU_GONE);
        await delay(RESTART_PAUSE_MS);
      }
    }
  }

  async #reattach(name: string): Promise<void> {
    try {
      this.#domain = await this.#connected().lookupDomain(name);
      const condition = await this.#connected().domainState(this.#domain);
      if (ALIVE.has(condition.state)) {
        log.info("the domain is attached again", { ...condition });
        this.#onEvent(eventOfCondition(condition));
        return;
      }
    } catch (error) {
      if (!(error instanceof LibvirtError && error.code === LibvirtErrorCode.noDomain)) throw error;
    }
    this.#onEvent(QEMU_GONE);
  }

  #connected(): Libvirt {
    if (this.#libvirt === undefined) throw new NotConnected("libvirtd is being started again");
    return this.#libvirt;
  }
}

/** Nobody is there to be asked, for the moment. */
export class NotConnected extends Error {}

/** Signals a process; false when there is none. */
function signal(pid: number, name: "SIGTERM" | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}
