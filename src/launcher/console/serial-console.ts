import { connect, type Socket } from "node:net";

/** More than this the guest has written and the attached client has not read: then the rest is left out. */
const BEHIND_BYTES = 1024 * 1024;
const CONNECT_MS = 5000;

/** The guest's end of the console is not there. */
export class ConsoleUnavailable extends Error {}

/**
 * Attaches one client at a time to the guest's serial console, which is a socket of qemu's. Who comes later takes over.
 * What the guest writes is always read at once, as qemu drops it for the console's log too when it cannot be written
 * here.
 */
export class SerialConsole {
  readonly #path: string;
  readonly #behindBytes: number;
  #guest: Promise<Socket> | undefined;
  #client: Socket | undefined;

  /** @param path of qemu's socket */
  constructor(path: string, behindBytes = BEHIND_BYTES) {
    this.#path = path;
    this.#behindBytes = behindBytes;
  }

  /**
   * Connects to the guest's end; the function that it returns hands the console to a client.
   * @throws ConsoleUnavailable when qemu does not listen
   */
  async open(): Promise<(client: Socket) => void> {
    this.#guest ??= this.#connect();
    const guest = await this.#guest;
    return (client) => this.#attach(client, guest);
  }

  #attach(client: Socket, guest: Socket): void {
    if (client.destroyed) {
      if (this.#client === undefined) this.#detach(guest);
      return;
    }
    this.#say("another console took over; attach again to take it back");
    this.#client?.end();
    this.#client = client;
    if (guest.destroyed) this.#guestGone(guest);
    client.on("data", (data: Buffer) => {
      if (this.#client !== client || guest.write(data)) return;
      client.pause();
      guest.once("drain", () => client.resume());
    });
    client.once("close", () => {
      if (this.#client === client) this.#detach(guest);
    });
    client.resume();
  }

  /** Nobody is attached: qemu is told, so that it only writes its log. */
  #detach(guest: Socket): void {
    this.#client = undefined;
    this.#guest = undefined;
    guest.destroy();
  }

  #connect(): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const guest = connect(this.#path);
      const fail = (why: string): void => {
        this.#guest = undefined;
        guest.destroy();
        reject(new ConsoleUnavailable(`the guest's console does not answer: ${why}`));
      };
      const timer = setTimeout(() => fail(`not connected after ${CONNECT_MS / 1000} s`), CONNECT_MS);
      const onError = (error: Error): void => {
        clearTimeout(timer);
        fail(error.message);
      };
      guest.once("error", onError);
      guest.once("connect", () => {
        clearTimeout(timer);
        guest.off("error", onError).on("error", () => undefined); // "close" follows
        this.#listen(guest);
        resolve(guest);
      });
    });
  }

  #listen(guest: Socket): void {
    let leftOut = 0;
    guest.on("data", (data: Buffer) => {
      const client = this.#client;
      if (client === undefined) return;
      if (client.writableLength > this.#behindBytes) {
        leftOut += data.length;
        return;
      }
      if (leftOut > 0) this.#say(`${leftOut} bytes were left out: the console was not read fast enough`);
      leftOut = 0;
      client.write(data);
    });
    guest.once("close", () => this.#guestGone(guest));
  }

  #guestGone(guest: Socket): void {
    const client = this.#client;
    this.#say("the guest has ended");
    this.#detach(guest);
    client?.end();
  }

  /** A word to who is attached, on a line of its own. */
  #say(what: string): void {
    this.#client?.write(`\r\n[nestlet: ${what}]\r\n`);
  }
}
