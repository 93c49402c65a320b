import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Libvirt, type Domain } from "./libvirt.ts";
import { decodeMessages, encodeMessage, type RpcMessage } from "./rpc-message.ts";
import { XdrReader, XdrWriter } from "./xdr.ts";

const REMOTE = 0x20008086;
const QEMU = 0x20008087;
const domain: Domain = { name: "default_vm", uuid: Buffer.alloc(16, 7), id: 1 };
const domainBytes = new XdrWriter().string(domain.name).opaque(domain.uuid).int(domain.id).bytes();

describe("Libvirt", () => {
  let folder: string;
  let server: Server;
  let libvirt: Libvirt;
  let calls: RpcMessage[];
  /** What the other side answers from now on. */
  let answer: Buffer = Buffer.alloc(0);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "libvirt-"));
    calls = [];
    answer = Buffer.alloc(0);
    server = createServer((socket: Socket) => {
      socket.on("data", (data: Buffer) => {
        for (const call of decodeMessages(data).messages) {
          calls.push(call);
          const { program, version, procedure, serial } = call;
          socket.write(encodeMessage({ program, version, procedure, type: 1, serial }, answer));
        }
      });
    }).listen(join(folder, "sock"));
    await once(server, "listening");
    libvirt = await Libvirt.connect(join(folder, "sock"), () => undefined);
  });
  afterEach(async () => {
    libvirt.close();
    server.close();
    await rm(folder, { recursive: true });
  });

  it("passes QMP to the qemu driver's own program", async () => {
    answer = new XdrWriter().string('{"return":{}}').bytes();
    assert.equal(await libvirt.monitorCommand(domain, '{"execute":"stop"}'), '{"return":{}}');
    const { program, procedure, payload = Buffer.alloc(0) } = calls.at(-1) ?? {};
    assert.deepEqual([program, procedure], [QEMU, 1]);
    const args = new XdrWriter().string('{"execute":"stop"}').int(0).bytes();
    assert.deepEqual(payload, Buffer.concat([domainBytes, args]));
  });

  it("passes commands to the guest's agent with their time limit", async () => {
    answer = new XdrWriter().optionalString('{"return":1}').bytes();
    assert.equal(await libvirt.agentCommand(domain, '{"execute":"guest-ping"}', 5), '{"return":1}');
    const { program, procedure, payload = Buffer.alloc(0) } = calls.at(-1) ?? {};
    assert.deepEqual([program, procedure], [QEMU, 3]);
    const reader = new XdrReader(payload.subarray(domainBytes.length));
    assert.deepEqual([reader.string(), reader.int(), reader.int()], ['{"execute":"guest-ping"}', 5, 0]);
  });

  for (const [state, reason, condition] of [
    [1, 1, { state: "Running" }],
    [3, 1, { state: "Paused", reason: "User" }],
    [3, 5, { state: "Paused", reason: "IOError" }],
    [3, 99, { state: "Paused", reason: "Unknown" }],
    [99, 0, { state: "NoState" }],
  ] as const) {
    it(`reads state ${state}/${reason}`, async () => {
      answer = new XdrWriter().int(state).int(reason).bytes();
      assert.deepEqual(await libvirt.domainState(domain), condition);
      assert.equal(calls.at(-1)?.program, REMOTE);
    });
  }
});
