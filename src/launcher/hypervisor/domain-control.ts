import type { DomainCondition } from "./domain-state.ts";
import type { Domain, Libvirt } from "./libvirt.ts";
import { OneAtATime } from "./one-at-a-time.ts";

/** libvirt itself gives up after 30 s when qemu does not answer. */
const LIMIT_MS = 15_000;
const AGENT_LIMIT_SECONDS = 5;

/** Asks libvirt something of the domain. */
export type Ask = <T>(question: (libvirt: Libvirt, domain: Domain) => Promise<T>) => Promise<T>;

/**
 * What people may do with the domain while it runs. Calls go one after another and each has its time, so that none of
 * them stands in the way of the guest's end.
 * @see OneAtATime for what all of them throw beside LibvirtError
 */
export class DomainControl {
  readonly #ask: Ask;
  readonly #calls = new OneAtATime();

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  state(): Promise<DomainCondition> {
    return this.#run("asking for the state", (libvirt, domain) => libvirt.domainState(domain));
  }

  pause(): Promise<void> {
    return this.#run("pausing", (libvirt, domain) => libvirt.suspendDomain(domain));
  }

  unpause(): Promise<void> {
    return this.#run("unpausing", (libvirt, domain) => libvirt.resumeDomain(domain));
  }

  reset(): Promise<void> {
    return this.#run("resetting", (libvirt, domain) => libvirt.resetDomain(domain));
  }

  xml(): Promise<string> {
    return this.#run("dumping the XML", (libvirt, domain) => libvirt.domainXml(domain));
  }

  /** qemu's answer to a QMP command (JSON), as it is. */
  qmp(command: string): Promise<string> {
    return this.#run("a QMP command", (libvirt, domain) => libvirt.monitorCommand(domain, command));
  }

  /** What the guest's agent returns for a command. */
  async agent(command: string, args?: object): Promise<unknown> {
    const execute = JSON.stringify({ execute: command, ...(args === undefined ? {} : { arguments: args }) });
    const answer = await this.#run(`the agent's ${command}`, (libvirt, domain) =>
      libvirt.agentCommand(domain, execute, AGENT_LIMIT_SECONDS),
    );
    return (JSON.parse(answer) as { return?: unknown }).return;
  }

  #run<T>(what: string, question: (libvirt: Libvirt, domain: Domain) => Promise<T>): Promise<T> {
    return this.#calls.run(what, LIMIT_MS, () => this.#ask(question));
  }
}
