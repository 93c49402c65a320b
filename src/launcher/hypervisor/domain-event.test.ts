import assert from "node:assert/strict";
import { decodeLifecycleEvent, eventOfCondition } from "./domain-event.ts";
import { decodeError, LibvirtErrorCode } from "./libvirt-error.ts";
import { XdrWriter } from "./xdr.ts";

function lifecycle(type: number, detail: number): Buffer {
  const callbackId = 0;
  return new XdrWriter()
    .int(callbackId)
    .string("default_vm")
    .opaque(Buffer.alloc(16))
    .int(1)
    .int(type)
    .int(detail)
    .bytes();
}

describe("decodeLifecycleEvent", () => {
  const table = [
    [2, 0, { type: "Started" }],
    [3, 2, { type: "Suspended", detail: "IOError" }],
    [5, 0, { type: "Stopped", detail: "Shutdown" }],
    [5, 5, { type: "Stopped", detail: "Failed" }],
    [5, 99, { type: "Stopped", detail: "Failed" }],
    [6, 1, { type: "Shutdown", detail: "Guest" }],
    [6, 2, { type: "Shutdown", detail: "Host" }],
    [8, 0, { type: "Crashed" }],
    [99, 0, undefined],
  ] as const;
  for (const [type, detail, event] of table) {
    it(`${type}/${detail}`, () => assert.deepEqual(decodeLifecycleEvent(lifecycle(type, detail)), event));
  }
});

describe("eventOfCondition", () => {
  const table = [
    [{ state: "Running" }, { type: "Resumed" }],
    [
      { state: "Paused", reason: "User" },
      { type: "Suspended", detail: "Paused" },
    ],
    [
      { state: "Paused", reason: "IOError" },
      { type: "Suspended", detail: "IOError" },
    ],
    [
      { state: "Paused", reason: "Unknown" },
      { type: "Suspended", detail: "Paused" },
    ],
  ] as const;
  for (const [condition, event] of table) {
    it(JSON.stringify(condition), () => assert.deepEqual(eventOfCondition(condition), event));
  }
});

describe("decodeError", () => {
  it("keeps code and message", () => {
    const payload = new XdrWriter().int(42).int(10).optionalString("Domain not found").int(2).bytes();
    const error = decodeError(payload);
    assert.equal(error.code, LibvirtErrorCode.noDomain);
    assert.equal(error.message, "Domain not found");
  });
  it("makes up for a missing message", () => {
    assert.equal(decodeError(new XdrWriter().int(1).int(0).none().bytes()).message, "libvirt error 1");
  });
});
