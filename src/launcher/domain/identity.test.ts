import assert from "node:assert/strict";
import { diskSerial, domainName, firmwareUuid } from "./identity.ts";

const identity = "00000000-0000-4000-8000-000000000001";

describe("firmwareUuid", () => {
  it("is the one asked for", () => {
    const uuid = "5f0c2f4e-7d3e-4f0e-9d53-1b7c9a1f0a11";
    assert.equal(firmwareUuid({ identity, firmware: { uuid } }), uuid);
  });
  it("else the identity", () => {
    assert.equal(firmwareUuid({ identity, firmware: { serial: "1" } }), identity);
  });
});

describe("diskSerial", () => {
  it("stays the same for ever: guests find their disks by it", () => {
    assert.equal(diskSerial(identity, "root"), "b26f2008875a1b47");
  });
  it("differs by machine and by disk and fits virtio's 20 characters", () => {
    const serials = [diskSerial(identity, "a"), diskSerial(identity, "b"), diskSerial("other", "a")];
    assert.equal(new Set(serials).size, 3);
    for (const serial of serials) assert.match(serial, /^[0-9a-f]{16}$/);
  });
});

describe("domainName", () => {
  it("is namespace_name", () => {
    assert.equal(domainName({ namespace: "default", name: "vm.a" }), "default_vm.a");
  });
  it("stays short enough for a file name, and unique", () => {
    const long = (end: string): string =>
      domainName({ namespace: "n".repeat(63), name: "v".repeat(252) + end });
    assert.equal(long("a").length, 200);
    assert.notEqual(long("a"), long("b"));
  });
});
