import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server } from "node:net";
import { text } from "node:stream/consumers";
import { forward } from "./dialer.ts";

describe("a forwarded port", () => {
  let server: Server;
  let port: number;
  beforeEach(async () => {
    // Answers when its caller has said all, in capitals and at length.
    server = createServer({ allowHalfOpen: true }, (caller) => {
      void text(caller).then((said) => caller.end(said.toUpperCase().repeat(50_000)));
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    port = (server.address() as AddressInfo).port;
  });
  afterEach(() => server.close());

  it("passes on all bytes, both ways, for several callers", async () => {
    const { port: local, close } = await forward("127.0.0.1", 0, () =>
      connect({ host: "127.0.0.1", port, allowHalfOpen: true }),
    );
    const heard = await Promise.all(
      ["ab", "cd"].map(async (said) => {
        const caller = connect({ host: "127.0.0.1", port: local, allowHalfOpen: true });
        caller.end(said);
        return text(caller);
      }),
    );
    assert.deepEqual(heard, ["AB".repeat(50_000), "CD".repeat(50_000)]);
    await close();
  });

  it("ends its callers when it is closed", async () => {
    const { port: local, close } = await forward("127.0.0.1", 0, () => connect({ host: "127.0.0.1", port }));
    const caller = connect({ host: "127.0.0.1", port: local });
    await once(caller, "connect");
    const ended = once(caller.on("error", () => undefined).resume(), "close");
    await new Promise((resolve) => setTimeout(resolve, 20));
    await close();
    await ended;
  });

  it("ends a caller whose connection fails", async () => {
    const { port: local, close } = await forward("127.0.0.1", 0, () =>
      connect({ host: "127.0.0.1", port: 1 }),
    );
    const caller = connect({ host: "127.0.0.1", port: local });
    await once(caller.on("error", () => undefined).resume(), "close");
    await close();
  });

  it("says that its port is taken", async () => {
    await assert.rejects(
      forward("127.0.0.1", port, () => connect({ host: "127.0.0.1", port })),
      { code: "EADDRINUSE" },
    );
  });
});
