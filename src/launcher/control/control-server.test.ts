import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { LibvirtError } from "../hypervisor/libvirt-error.ts";
import { call } from "./client/call.ts";
import { ControlServer } from "./control-server.ts";
import { VERBS, type Verb } from "./protocol.ts";
import type { Outcome, VerbTable } from "./verbs.ts";

const never = (): Promise<Outcome> => new Promise(() => undefined);

/** Verbs that do as told; the others are never done. */
function table(verbs: Partial<VerbTable>): VerbTable {
  const nothing = Object.fromEntries(Object.keys(VERBS).map((verb) => [verb, never]));
  return { ...nothing, ...verbs } as VerbTable;
}

describe("ControlServer and nestlet-ctl", () => {
  let folder: string;
  let path: string;
  let server: ControlServer | undefined;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "control-"));
    path = join(folder, "control.sock");
  });
  afterEach(async () => {
    server?.close();
    server = undefined;
    await rm(folder, { recursive: true });
  });

  const serve = async (verbs: Partial<VerbTable>, limits = {}): Promise<void> => {
    server = await ControlServer.listen(path, table(verbs), limits);
  };

  /** Runs the client; what it is given and what it says are streams. */
  function ctl(verb: Verb): {
    input: PassThrough;
    code: Promise<number>;
    output: () => string;
    errors: () => string;
  } {
    const [input, output, errors] = [new PassThrough(), new PassThrough(), new PassThrough()];
    const [said, complained] = [gather(output), gather(errors)];
    const program = verb === "exec" ? { program: ["true"] } : {};
    const code = call(path, { version: 1, verb, ...program }, { input, output, errors });
    return { input, code, output: said, errors: complained };
  }

  it("is for root alone", async () => {
    await serve({});
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  });

  it("tells a value", async () => {
    await serve({ state: () => Promise.resolve({ value: { state: "Running" } }) });
    const { code, output } = ctl("state");
    assert.equal(await code, 0);
    assert.deepEqual(JSON.parse(output()), { state: "Running" });
  });

  it("ends as the program in the guest did", async () => {
    const ran = { exitCode: 3, output: "b3V0", errors: "ZXJy" };
    await serve({ exec: () => Promise.resolve({ ran }) });
    const { code, output, errors } = ctl("exec");
    assert.equal(await code, 3);
    assert.deepEqual([output(), errors()], ["out", "err"]);
  });

  it("tells a verb that its caller has gone", async () => {
    const told = Promise.withResolvers<unknown>();
    const wait = (_: unknown, gone: AbortSignal): Promise<Outcome> => {
      gone.addEventListener("abort", told.resolve);
      return never();
    };
    await serve({ state: wait });
    const caller = connect(path);
    await once(caller, "connect");
    caller.write('{"version":1,"verb":"state"}\n');
    await new Promise((resolve) => setTimeout(resolve, 10));
    caller.destroy();
    await told.promise;
  });

  it("passes on bytes as they are", async () => {
    const body = Buffer.alloc(300_000, "\n{}");
    await serve({ screenshot: () => Promise.resolve({ body }) });
    const { code, output } = ctl("screenshot");
    assert.equal(await code, 0);
    assert.equal(output(), body.toString());
  });

  it("says why a verb was not done", async () => {
    const agent = new LibvirtError(86, "QEMU guest agent is not connected");
    await serve({ info: () => Promise.reject(agent) });
    const { code, errors } = ctl("info");
    assert.equal(await code, 1);
    assert.match(errors(), /^nestlet-ctl info: the guest's agent does not answer .*install qemu-guest-agent/);
  });

  it("says that there is no launcher", async () => {
    const { code, errors } = ctl("info");
    assert.equal(await code, 3);
    assert.match(errors(), /no launcher listens at .* \(ENOENT\).*kubectl get vmis/);
  });

  it("joins the caller to a stream until either side ends it", async () => {
    const echo = (caller: Socket): void => {
      caller.on("data", (data: Buffer) => {
        if (data.toString() === "bye") caller.end("good bye");
        else caller.write(data.toString().toUpperCase());
      });
      caller.resume();
    };
    await serve({ console: () => Promise.resolve({ stream: echo }) });
    const first = ctl("console");
    first.input.write("hello");
    while (first.output() !== "HELLO") await new Promise((resolve) => setTimeout(resolve, 2));
    first.input.write("bye");
    assert.equal(await first.code, 0);
    assert.equal(first.output(), "HELLOgood bye");
    const second = ctl("console");
    second.input.end();
    assert.equal(await second.code, 0);
  });

  it("does not wait for a verb that hangs", async () => {
    await serve({}, { verbMs: 20 });
    const { code, errors } = ctl("pause");
    assert.equal(await code, 1);
    assert.match(errors(), /pause: not done after 0.02 s/);
  });

  it("does not wait for a caller that says nothing, or too much", async () => {
    await serve({}, { requestMs: 20 });
    for (const said of ["", "x".repeat(70_000)]) {
      const caller = connect(path).on("error", () => undefined);
      caller.write(said);
      const heard = gather(caller);
      await once(caller, "close");
      assert.match(heard(), /"code":"(TimedOut|BadRequest)"/);
    }
  });

  it("refuses more callers than it can have, until one goes", async () => {
    await serve({ state: () => Promise.resolve({ value: 1 }) }, { callers: 1 });
    const caller = connect(path);
    await once(caller, "connect");
    const refused = ctl("state");
    assert.equal(await refused.code, 1);
    assert.match(refused.errors(), /1 callers are here already/);
    caller.destroy();
    let code = 1;
    while (code !== 0) code = await ctl("state").code;
  });

  it("outlives callers that go at any moment", async () => {
    let gone = 0;
    await serve({
      state: () => Promise.resolve({ value: 1 }),
      console: () =>
        Promise.resolve({ stream: (caller: Socket) => caller.resume().once("close", () => gone++) }),
      screenshot: async () => {
        await new Promise((resolve) => setTimeout(resolve, 10));
        return { body: Buffer.alloc(4_000_000) };
      },
    });
    for (const [verb, afterMs] of [
      ["console", 5],
      ["screenshot", 0],
      ["screenshot", 15],
    ] as const) {
      const caller = connect(path).on("error", () => undefined);
      await once(caller, "connect");
      caller.write(`{"version":1,"verb":"${verb}"}\n`);
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      caller.destroy();
    }
    assert.equal(await ctl("state").code, 0);
    while (gone === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  });

  it("sends away who is there when it closes", async () => {
    await serve({ console: () => Promise.resolve({ stream: (caller: Socket) => caller.resume() }) });
    const { code } = ctl("console");
    await new Promise((resolve) => setTimeout(resolve, 10));
    server?.close();
    assert.equal(await code, 0);
  });
});

function gather(stream: NodeJS.ReadableStream): () => string {
  let text = "";
  stream.on("data", (data: Buffer) => (text += data.toString()));
  return () => text;
}
