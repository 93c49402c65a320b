import { decodeLifecycleEvent, readDomain, type DomainEvent } from "./domain-event.ts";
import { PAUSED, STATES, type DomainCondition } from "./domain-state.ts";
import { RpcConnection, RpcProgram } from "./rpc-connection.ts";
import { XdrReader, XdrWriter } from "./xdr.ts";

/** Procedure numbers of libvirt's remote_protocol.x, which never change. */
const Procedure = {
  connectOpen: 1,
  domainCreateXml: 10,
  domainGetXmlDesc: 14,
  domainLookupByName: 23,
  domainResume: 28,
  domainSuspend: 34,
  authList: 66,
  domainGetState: 212,
  domainDestroyFlags: 234,
  domainReset: 245,
  domainShutdownFlags: 258,
  eventCallbackRegister: 316,
  eventLifecycle: 318,
} as const;

/** Procedure numbers of libvirt's qemu_protocol.x, a program beside the other. */
const QemuProcedure = { monitorCommand: 1, agentCommand: 3 } as const;

const EVENT_ID_LIFECYCLE = 0;
const SHUTDOWN_ACPI = 1;

/** A domain as libvirt names it in calls. */
export interface Domain {
  name: string;
  uuid: Buffer;
  /** -1 when it does not run. */
  id: number;
}

/** libvirt's calls, as far as the launcher needs them. Each throws LibvirtError or ConnectionLost. */
export class Libvirt {
  readonly #connection: RpcConnection;

  private constructor(connection: RpcConnection) {
    this.#connection = connection;
  }

  /**
   * Connects and asks for the lifecycle events of every domain.
   * @throws the socket's error when libvirtd does not listen (yet)
   */
  static async connect(socketPath: string, onEvent: (event: DomainEvent) => void): Promise<Libvirt> {
    const connection = await RpcConnection.open(socketPath, (procedure, payload) => {
      if (procedure !== Procedure.eventLifecycle) return;
      const event = decodeLifecycleEvent(payload);
      if (event !== undefined) onEvent(event);
    });
    await connection.call(Procedure.authList, Buffer.alloc(0));
    const name = new XdrWriter().optionalString("qemu:///system").int(0);
    await connection.call(Procedure.connectOpen, name.bytes());
    const events = new XdrWriter().int(EVENT_ID_LIFECYCLE).none();
    await connection.call(Procedure.eventCallbackRegister, events.bytes());
    return new Libvirt(connection);
  }

  /** Settles when libvirtd has gone away. */
  get closed(): Promise<void> {
    return this.#connection.closed;
  }

  close(): void {
    this.#connection.close();
  }

  /** Starts a transient domain; it runs when this returns. */
  async createDomain(xml: string): Promise<Domain> {
    const args = new XdrWriter().string(xml).int(0);
    const result = await this.#connection.call(Procedure.domainCreateXml, args.bytes());
    return readDomain(new XdrReader(result));
  }

  async lookupDomain(name: string): Promise<Domain> {
    const result = await this.#connection.call(
      Procedure.domainLookupByName,
      new XdrWriter().string(name).bytes(),
    );
    return readDomain(new XdrReader(result));
  }

  async domainState(domain: Domain): Promise<DomainCondition> {
    const args = domainArgs(domain).int(0);
    const result = new XdrReader(await this.#connection.call(Procedure.domainGetState, args.bytes()));
    const state = STATES[result.int()] ?? "NoState";
    return state === "Paused" ? { state, reason: PAUSED[result.int()] ?? "Unknown" } : { state };
  }

  async domainXml(domain: Domain): Promise<string> {
    const args = domainArgs(domain).int(0);
    const result = await this.#connection.call(Procedure.domainGetXmlDesc, args.bytes());
    return new XdrReader(result).string();
  }

  /** Presses the power button. */
  async shutdownDomain(domain: Domain): Promise<void> {
    const args = domainArgs(domain).int(SHUTDOWN_ACPI);
    await this.#connection.call(Procedure.domainShutdownFlags, args.bytes());
  }

  /** Ends qemu: asks it first, so that it writes what it holds, and kills it when it does not go. */
  async destroyDomain(domain: Domain): Promise<void> {
    await this.#connection.call(Procedure.domainDestroyFlags, domainArgs(domain).int(0).bytes());
  }

  async suspendDomain(domain: Domain): Promise<void> {
    await this.#connection.call(Procedure.domainSuspend, domainArgs(domain).bytes());
  }

  async resumeDomain(domain: Domain): Promise<void> {
    await this.#connection.call(Procedure.domainResume, domainArgs(domain).bytes());
  }

  /** Presses the reset button. */
  async resetDomain(domain: Domain): Promise<void> {
    await this.#connection.call(Procedure.domainReset, domainArgs(domain).int(0).bytes());
  }

  /** Passes a QMP command (JSON) to qemu and returns its answer as it is, which may be an error. */
  async monitorCommand(domain: Domain, command: string): Promise<string> {
    const args = domainArgs(domain).string(command).int(0);
    const { monitorCommand } = QemuProcedure;
    const result = await this.#connection.call(monitorCommand, args.bytes(), RpcProgram.qemu);
    return new XdrReader(result).string();
  }

  /**
   * Passes a command (JSON) to the guest's agent and returns its answer.
   * @throws LibvirtError when no agent is connected, or it does not answer in time
   */
  async agentCommand(domain: Domain, command: string, timeoutSeconds: number): Promise<string> {
    const args = domainArgs(domain).string(command).int(timeoutSeconds).int(0);
    const { agentCommand } = QemuProcedure;
    const result = await this.#connection.call(agentCommand, args.bytes(), RpcProgram.qemu);
    return new XdrReader(result).optionalString() ?? "";
  }
}

function domainArgs({ name, uuid, id }: Domain): XdrWriter {
  return new XdrWriter().string(name).opaque(uuid).int(id);
}
