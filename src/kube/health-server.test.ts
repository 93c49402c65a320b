import assert from "node:assert/strict";
import { Gauge, Registry } from "prom-client";
import { request } from "undici";
import { HealthServer, parseAddress } from "./health-server.ts";

describe("the health server", () => {
  it("says what is wrong with 503, health and readiness apart, and serves metrics all the while", async () => {
    let unhealthy: string | undefined;
    let unready: string | undefined = "the stores are not complete yet";
    const registry = new Registry();
    new Gauge({ name: "nestlet_test", help: "a metric", registers: [registry] }).set(7);
    const server = new HealthServer({
      address: "127.0.0.1:0",
      registry,
      unhealthy: () => unhealthy,
      unready: () => unready,
    });
    const port = await server.start();
    const get = async (path: string): Promise<[number, string]> => {
      const { statusCode, body } = await request(`http://127.0.0.1:${String(port)}${path}`);
      return [statusCode, await body.text()];
    };
    try {
      assert.deepEqual(await get("/healthz"), [200, "ok\n"]);
      assert.deepEqual(await get("/readyz"), [503, "the stores are not complete yet\n"]);
      [unhealthy, unready] = ["vm ns/a has been reconciled for 700 s", undefined];
      assert.deepEqual(await get("/healthz"), [503, "vm ns/a has been reconciled for 700 s\n"]);
      assert.deepEqual(await get("/readyz"), [200, "ok\n"]);
      assert.match((await get("/metrics"))[1], /^nestlet_test 7$/m);
      assert.equal((await get("/"))[0], 404);
    } finally {
      await server.stop();
    }
  });
});

describe("an address to listen on", () => {
  it("is a port, with or without a host", () => {
    assert.deepEqual(parseAddress(":8080"), { port: 8080 });
    assert.deepEqual(parseAddress("127.0.0.1:0"), { host: "127.0.0.1", port: 0 });
    assert.deepEqual(parseAddress("[::1]:8080"), { host: "::1", port: 8080 });
  });

  for (const wrong of ["8080", "localhost", ":99999", ""]) {
    it(`is not "${wrong}"`, () => {
      assert.throws(() => parseAddress(wrong), /is not host:port; write for example :8080/);
    });
  }
});
