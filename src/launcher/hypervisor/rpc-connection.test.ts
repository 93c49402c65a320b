import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConnectionLost, LibvirtError } from "./libvirt-error.ts";
import { RpcConnection } from "./rpc-connection.ts";
import { decodeMessages, encodeMessage, type RpcHeader } from "./rpc-message.ts";
import { XdrWriter } from "./xdr.ts";

const REMOTE = 0x20008086;
const KEEPALIVE = 0x6b656570;

describe("RpcConnection", () => {
  let folder: string;
  let server: Server;
  let peer: Socket;
  let connection: RpcConnection;
  let messages: [number, string][];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "rpc-"));
    messages = [];
    server = createServer((socket) => (peer = socket)).listen(join(folder, "sock"));
    await once(server, "listening");
    const accepted = once(server, "connection");
    connection = await RpcConnection.open(join(folder, "sock"), (procedure, payload) =>
      messages.push([procedure, payload.toString("hex")]),
    );
    await accepted;
  });
  afterEach(async () => {
    connection.close();
    server.close();
    await rm(folder, { recursive: true });
  });

  const send = (header: Partial<RpcHeader>, payload = Buffer.alloc(0)): boolean =>
    peer.write(
      encodeMessage({ program: REMOTE, version: 1, procedure: 1, type: 1, serial: 1, ...header }, payload),
    );

  it("gives each call the answer of its serial number, in whatever order and pieces they come", async () => {
    const first = connection.call(10, Buffer.from("aaaa"));
    const second = connection.call(11, Buffer.alloc(0));
    const answers = Buffer.concat(
      [2, 1].map((serial) =>
        encodeMessage(
          { program: REMOTE, version: 1, procedure: 9 + serial, type: 1, serial },
          Buffer.from(`re ${serial}`),
        ),
      ),
    );
    for (const byte of answers) peer.write(Buffer.of(byte));
    assert.equal((await first).toString(), "re 1");
    assert.equal((await second).toString(), "re 2");
  });

  it("throws what the other side refuses", async () => {
    const call = connection.call(10, Buffer.alloc(0));
    const refusal = encodeMessage(
      { program: REMOTE, version: 1, procedure: 10, type: 1, serial: 1 },
      new XdrWriter().int(55).int(10).optionalString("domain is not running").bytes(),
    );
    refusal.writeInt32BE(1, 24); // status: error
    peer.write(refusal);
    await assert.rejects(call, (error) => error instanceof LibvirtError && error.code === 55);
  });

  it("passes messages on and answers keepalive", async () => {
    send({ type: 2, procedure: 318, serial: 0 }, Buffer.from("ffff", "hex"));
    send({ program: KEEPALIVE, procedure: 1, type: 2, serial: 0 });
    const [data] = (await once(peer, "data")) as [Buffer];
    const [pong] = decodeMessages(data).messages;
    assert.deepEqual([pong?.program, pong?.procedure], [KEEPALIVE, 2]);
    assert.deepEqual(messages, [[318, "ffff"]]);
  });

  it("fails calls that are under way, and later ones, when the other side goes", async () => {
    const call = connection.call(10, Buffer.alloc(0));
    peer.destroy();
    await assert.rejects(call, ConnectionLost);
    await connection.closed;
    await assert.rejects(connection.call(10, Buffer.alloc(0)), ConnectionLost);
  });

  it("ends when it is sent what cannot be", async () => {
    peer.write(Buffer.from("00000000", "hex"));
    await connection.closed;
  });

  it("says why nobody answers at a path", async () => {
    const nowhere = RpcConnection.open(join(folder, "none"), () => undefined);
    await assert.rejects(nowhere, { code: "ENOENT" });
  });
});
