import assert from "node:assert/strict";
import { decodeMessages, encodeMessage } from "./rpc-message.ts";

const header = { program: 0x20008086, version: 1, procedure: 10, type: 1, serial: 5 };

describe("RPC messages", () => {
  it("are a length, six header words and the payload", () => {
    const bytes = encodeMessage(header, Buffer.from("abcd"));
    assert.equal(
      bytes.toString("hex"),
      "00000020" + "20008086" + "00000001" + "0000000a" + "00000001" + "00000005" + "00000000" + "61626364",
    );
  });

  it("are taken one by one from a stream that ends in the middle of one", () => {
    const one = encodeMessage(header, Buffer.from("abcd"));
    const two = encodeMessage({ ...header, serial: 6 }, Buffer.alloc(0));
    for (let cut = 0; cut < two.length; cut++) {
      const { messages, rest } = decodeMessages(Buffer.concat([one, two.subarray(0, cut)]));
      assert.deepEqual(messages, [{ ...header, failed: false, payload: Buffer.from("abcd") }]);
      assert.equal(rest.length, cut);
    }
    assert.equal(decodeMessages(Buffer.concat([one, two])).messages.length, 2);
  });

  it("with an impossible length end the stream", () => {
    for (const length of ["00000003", "0000001b", "7fffffff"]) {
      assert.throws(() => decodeMessages(Buffer.from(length, "hex")), RangeError);
    }
  });
});
