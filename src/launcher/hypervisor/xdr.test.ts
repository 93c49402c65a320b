import assert from "node:assert/strict";
import { XdrReader, XdrWriter } from "./xdr.ts";

describe("XDR", () => {
  it("writes big-endian integers and strings padded to four bytes (RFC 4506)", () => {
    const bytes = new XdrWriter().int(-1).string("hello").optionalString("").none().bytes();
    assert.equal(
      bytes.toString("hex"),
      "ffffffff" + "00000005" + "68656c6c6f000000" + "0000000100000000" + "00000000",
    );
  });

  it("reads back what it writes", () => {
    const bytes = new XdrWriter()
      .string("äöü")
      .int(7)
      .optionalString("x")
      .none()
      .opaque(Buffer.alloc(16, 1))
      .bytes();
    const reader = new XdrReader(bytes);
    assert.equal(reader.string(), "äöü");
    assert.equal(reader.int(), 7);
    assert.equal(reader.optionalString(), "x");
    assert.equal(reader.optionalString(), undefined);
    assert.deepEqual(reader.opaque(16), Buffer.alloc(16, 1));
  });

  it("does not read past the end", () => {
    assert.throws(() => new XdrReader(Buffer.alloc(3)).int(), RangeError);
    assert.throws(() => new XdrReader(Buffer.from("7fffffff", "hex")).string(), RangeError);
    assert.throws(() => new XdrReader(Buffer.from("ffffffff", "hex")).string(), RangeError);
  });
});
