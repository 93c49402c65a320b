import assert from "node:assert/strict";
import { diskSerial, domainName, firmwareUuid, macAddress } from "./identity.ts";

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

describe("macAddress", () => {
  it("is local, unicast, and the same at each run", () => {
    const identity = "5f0c2f4e-7d3e-4f0e-9d53-1b7c9a1f0a11";
    const mac = macAddress(identity, "default");
    assert.match(mac, /^[0-9a-f][26ae](:[0-9a-f]{2}){5}$/);
    assert.equal(macAddress(identity, "default"), mac);
  });
  it("is no other machine's or interface's among ten thousand", () => {
    const macs = Array.from({ length: 10_000 }, (_, index) =>
      macAddress(`machine-${index >> 1}`, `nic-${index & 1}`),
    );
    assert.equal(new Set(macs).size, macs.length);
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
