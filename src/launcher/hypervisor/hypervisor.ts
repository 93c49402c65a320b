import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { log } from "../log.ts";
import type { Accelerator } from "../domain/domain-spec.ts";
import { hideKvm } from "./acceleration.ts";
import { refreshCapabilitiesCache } from "./capabilities-cache.ts";
import type { DomainEvent } from "./domain-event.ts";
import { Libvirtd } from "./libvirtd.ts";
import type { Domain, DomainState, Libvirt } from "./libvirt.ts";
import { LibvirtError, LibvirtErrorCode } from "./libvirt-error.ts";

const ALIVE: ReadonlySet<DomainState> = new Set(["Running", "Blocked", "Paused", "Shutdown", "PmSuspended"]);

const POLL_MS = 5;

/**
 * The pod's libvirtd with its one domain. A libvirtd that dies is started again and finds its domain where it was:
 * qemu is no child of it.
 */
export class Hypervisor {
  readonly #onEvent: (event: DomainEvent) => void;
  #daemon: Libvirtd;
  #libvirt: Libvirt | undefined;
  #domain: Domain | undefined;

  private constructor(daemon: Libvirtd, onEvent: (event: DomainEvent) => void) {
    this.#daemon = daemon;
    this.#onEvent = onEvent;
  }

  /** @throws StartError when libvirtd does not come up */
  static async start(accelerator: Accelerator, onEvent: (event: DomainEvent) => void): Promise<Hypervisor> {
    if (accelerator === "tcg") await Promise.all([hideKvm(), refreshCapabilitiesCache()]);
    const hypervisor = new Hypervisor(Libvirtd.start(), onEvent);
    await hypervisor.#connect();
    return hypervisor;
  }

  async createDomain(xml: string): Promise<void> {
    this.#domain = await this.#connected().createDomain(xml);
  }

  /** Presses the guest's power button. */
  async shutdownDomain(): Promise<void> {
    if (this.#domain !== undefined) await this.#connected().shutdownDomain(this.#domain);
  }

  /**
   * Asks qemu itself to go and says whether it went: libvirt does the same, but looks only every 200 ms.
   * @throws when qemu's process id is not known
   */
  async terminateQemu(patienceMs: number): Promise<boolean> {
    const name = this.#domain?.name ?? "";
    const pid = Number(await readFile(`/var/run/libvirt/qemu/${name}.pid`, "utf8"));
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
    void this.#libvirt.closed.then(() => this.#recover());
  }

  async #recover(): Promise<void> {
    log.warn("libvirtd went away, starting it again");
    try {
      this.#libvirt = undefined;
      this.#daemon.kill();
      this.#daemon = Libvirtd.start();
      await this.#connect();
      if (this.#domain !== undefined) await this.#reattach(this.#domain.name);
    } catch (error) {
      log.error("libvirtd cannot be started again; the guest goes on without it", { reason: String(error) });
    }
  }

  async #reattach(name: string): Promise<void> {
    try {
      this.#domain = await this.#connected().lookupDomain(name);
      const state = await this.#connected().domainState(this.#domain);
      if (ALIVE.has(state)) {
        log.info("the domain is attached again", { state });
        return;
      }
    } catch (error) {
      if (!(error instanceof LibvirtError && error.code === LibvirtErrorCode.noDomain)) throw error;
    }
    this.#onEvent({ type: "Stopped", detail: "Failed" });
  }

  #connected(): Libvirt {
    if (this.#libvirt === undefined) throw new Error("libvirtd is being started again");
    return this.#libvirt;
  }
}

/** Signals a process; false when there is none. */
function signal(pid: number, name: "SIGTERM" | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}
