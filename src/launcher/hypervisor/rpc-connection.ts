import { connect, type Socket } from "node:net";
import { ConnectionLost, decodeError } from "./libvirt-error.ts";
import { decodeMessages, encodeMessage, MessageType, type RpcMessage } from "./rpc-message.ts";

/** libvirt's programs: its API, and what only its qemu driver has. */
export const RpcProgram = { remote: 0x20008086, qemu: 0x20008087 } as const;
export type RpcProgram = (typeof RpcProgram)[keyof typeof RpcProgram];

const KEEPALIVE_PROGRAM = 0x6b656570;
const KEEPALIVE_PING = 1;
const KEEPALIVE_PONG = 2;
const VERSION = 1;

interface PendingCall {
  resolve: (payload: Buffer) => void;
  reject: (error: Error) => void;
}

/** libvirt's RPC over a unix socket: calls with their answers, and messages that come unasked. */
export class RpcConnection {
  readonly #socket: Socket;
  readonly #pending = new Map<number, PendingCall>();
  readonly #onMessage: (procedure: number, payload: Buffer) => void;
  #received: Buffer = Buffer.alloc(0);
  #serial = 0;
  /** Settles when the connection has ended, for whatever reason. */
  readonly closed: Promise<void>;

  private constructor(socket: Socket, onMessage: (procedure: number, payload: Buffer) => void) {
    this.#socket = socket;
    this.#onMessage = onMessage;
    this.closed = new Promise((resolve) => {
      socket.once("close", () => {
        this.#failPending(new ConnectionLost());
        resolve();
      });
    });
    socket.on("error", () => undefined); // "close" follows
    socket.on("data", (data: Buffer) => this.#receive(data));
  }

  /** @throws the socket's error (ENOENT, ECONNREFUSED) when nobody listens at the path */
  static open(path: string, onMessage: (procedure: number, payload: Buffer) => void): Promise<RpcConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect(path);
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        resolve(new RpcConnection(socket, onMessage));
      });
    });
  }

  /**
   * Calls a procedure and returns the XDR of its result.
   * @throws LibvirtError when libvirt refuses; ConnectionLost when libvirtd goes away before it answers
   */
  call(procedure: number, args: Buffer, program: RpcProgram = RpcProgram.remote): Promise<Buffer> {
    const serial = ++this.#serial;
    const header = { program, version: VERSION, procedure, type: MessageType.call, serial };
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) throw new ConnectionLost();
      this.#pending.set(serial, { resolve, reject });
      this.#socket.write(encodeMessage(header, args));
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(data: Buffer): void {
    const joined = this.#received.length === 0 ? data : Buffer.concat([this.#received, data]);
    try {
      const { messages, rest } = decodeMessages(joined);
      this.#received = rest;
      for (const message of messages) this.#dispatch(message);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#socket.destroy(error);
    }
  }

  #dispatch(message: RpcMessage): void {
    if (message.program === KEEPALIVE_PROGRAM) {
      if (message.procedure === KEEPALIVE_PING) this.#pong();
    } else if (message.type === MessageType.reply) {
      const call = this.#pending.get(message.serial);
      this.#pending.delete(message.serial);
      if (message.failed) call?.reject(decodeError(message.payload));
      else call?.resolve(message.payload);
    } else if (message.type === MessageType.message) {
      this.#onMessage(message.procedure, message.payload);
    }
  }

  #pong(): void {
    const header = {
      program: KEEPALIVE_PROGRAM,
      version: VERSION,
      procedure: KEEPALIVE_PONG,
      type: MessageType.message,
      serial: 0,
    };
    this.#socket.write(encodeMessage(header, Buffer.alloc(0)));
  }

  #failPending(error: Error): void {
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}
