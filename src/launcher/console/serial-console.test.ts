import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConsoleUnavailable, SerialConsole } from "./serial-console.ts";

const KIB = 1024;

/** The two ends of a connection over a real socket. */
async function pair(path: string): Promise<[Socket, Socket]> {
  const server = createServer().listen(path);
  await once(server, "listening");
  const near = connect(path);
  const [far] = (await once(server, "connection")) as [Socket];
  server.close();
  for (const end of [near, far]) end.on("error", () => undefined);
  return [near, far];
}

/** All that a socket gets, as it comes. */
function hears(socket: Socket): () => string {
  let text = "";
  socket.on("data", (data: Buffer) => (text += data.toString()));
  return () => text;
}

async function until(check: () => boolean): Promise<void> {
  while (!check()) await new Promise((resolve) => setTimeout(resolve, 2));
}

describe("SerialConsole", () => {
  let folder: string;
  let qemu: Server;
  let guests: Socket[];
  let serial: SerialConsole;
  let names = 0;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "serial-"));
    guests = [];
    qemu = createServer((socket) => guests.push(socket.on("error", () => undefined)));
    qemu.listen(join(folder, "serial0.sock"));
    await once(qemu, "listening");
    serial = new SerialConsole(join(folder, "serial0.sock"), 64 * KIB);
  });
  afterEach(async () => {
    for (const guest of guests) guest.destroy();
    qemu.close();
    await rm(folder, { recursive: true });
  });

  /** A client's own end, attached. */
  async function attach(): Promise<Socket> {
    const [near, far] = await pair(join(folder, `client-${names++}`));
    (await serial.open())(far);
    await until(() => guests.length > 0);
    return near;
  }

  it("passes bytes both ways as they are", async () => {
    const client = await attach();
    const heard = hears(client);
    guests[0]?.write("login: ");
    await until(() => heard() === "login: ");
    client.write("core\r\u0003");
    const [typed] = (await once(guests[0] as Socket, "data")) as [Buffer];
    assert.equal(typed.toString(), "core\r\u0003");
    client.destroy();
  });

  it("hands over to who comes later, with a word to the first", async () => {
    const first = await attach();
    const told = hears(first);
    const second = await attach();
    const heard = hears(second);
    await once(first, "end");
    assert.match(told(), /\[nestlet: another console took over; attach again to take it back\]/);
    guests[0]?.write("for the second");
    await until(() => heard() === "for the second");
    assert.equal(guests.length, 1, "qemu sees one connection");
    first.destroy();
    second.write("typed");
    await once(guests[0] as Socket, "data");
    second.destroy();
  });

  it("lets qemu alone when the client goes, and attaches anew", async () => {
    const client = await attach();
    client.destroy();
    guests[0]?.resume();
    await once(guests[0] as Socket, "close");
    const again = await attach();
    await until(() => guests.length === 2);
    const heard = hears(again);
    guests[1]?.write("again");
    await until(() => heard() === "again");
    again.destroy();
  });

  it("leaves the console with its client when one that has gone comes next", async () => {
    const client = await attach();
    const heard = hears(client);
    const [near, far] = await pair(join(folder, "gone"));
    const give = await serial.open();
    near.destroy();
    far.destroy();
    give(far);
    guests[0]?.write("still here");
    await until(() => heard() === "still here");
    client.destroy();
  });

  it("reads on though its client does not, and says how much it left out", async () => {
    const client = await attach();
    const guest = guests[0] as Socket;
    const block = Buffer.alloc(64 * KIB, "x");
    for (let sent = 0; sent < 40; sent++) {
      if (!guest.write(block)) await once(guest, "drain");
    }
    const heard = hears(client);
    await until(() => heard().length > 0);
    await until(() => {
      guest.write("more ");
      return /\[nestlet: \d+ bytes were left out/.test(heard());
    });
    assert.ok(heard().length < 40 * block.length);
    client.destroy();
  });

  it("says that the guest has ended", async () => {
    const client = await attach();
    const told = hears(client);
    guests[0]?.destroy();
    await once(client, "end");
    assert.match(told(), /\[nestlet: the guest has ended\]/);
    client.destroy();
  });

  it("fails when there is no guest, and works when there is one later", async () => {
    const early = new SerialConsole(join(folder, "none"));
    await assert.rejects(early.open(), ConsoleUnavailable);
    const later = createServer().listen(join(folder, "none"));
    await once(later, "listening");
    const accepted = once(later, "connection");
    await early.open();
    const [guest] = (await accepted) as [Socket];
    guest.destroy();
    later.close();
  });
});
