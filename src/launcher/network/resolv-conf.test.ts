import assert from "node:assert/strict";
import { readResolvConf } from "./resolv-conf.ts";

describe("readResolvConf", () => {
  it("reads a pod's", () => {
    const text = "search a.svc.cluster.local svc.cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n";
    assert.deepEqual(readResolvConf(text), {
      servers: ["10.96.0.10"],
      servers6: [],
      search: ["a.svc.cluster.local", "svc.cluster.local"],
    });
  });
  it("takes the last search line, knows domain, and drops comments and dots at the end", () => {
    const text =
      "# x\ndomain old.example.\nsearch new.example. .\n  nameserver\t8.8.8.8\nnameserver fd00::a\n;";
    assert.deepEqual(readResolvConf(text), {
      servers: ["8.8.8.8"],
      servers6: ["fd00::a"],
      search: ["new.example"],
    });
    assert.deepEqual(readResolvConf("domain old.example.").search, ["old.example"]);
  });
  it("is empty for an empty file", () => {
    assert.deepEqual(readResolvConf(""), { servers: [], servers6: [], search: [] });
  });
  it("has no server that is known on one of the pod's links only", () => {
    assert.deepEqual(readResolvConf("nameserver fe80::1%eth0").servers6, []);
  });
});
