import assert from "node:assert/strict";
import { parseAddress } from "./health-server.ts";

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
