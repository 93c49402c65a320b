import assert from "node:assert/strict";
import { ImageRefused, judgeImage } from "./image-info.ts";

const qcow2 = { format: "qcow2", "virtual-size": 1 << 20, "format-specific": { type: "qcow2", data: {} } };

describe("judgeImage", () => {
  it("accepts qcow2 and raw that stand alone", () => {
    assert.deepEqual(judgeImage(JSON.stringify(qcow2)), { format: "qcow2", virtualSize: 1 << 20 });
    assert.deepEqual(judgeImage('{"format":"raw","virtual-size":512}'), { format: "raw", virtualSize: 512 });
  });

  const refused: readonly (readonly [string, object, RegExp])[] = [
    [
      "a backing file",
      { "backing-filename": "/etc/shadow" },
      /^has the backing file "\/etc\/shadow"; flatten/,
    ],
    ["only a full backing file name", { "full-backing-filename": "json:{}" }, /^has the backing file/],
    ["an external data file", { "format-specific": { data: { "data-file": "x" } } }, /another file, "x"/],
    ["encryption", { encrypted: true }, /^is encrypted/],
    ["corruption", { "format-specific": { data: { corrupt: true } } }, /^is marked corrupt/],
    ["another format", { format: "vmdk" }, /^has the format vmdk; convert/],
    ["no format", { format: undefined }, /^has the format undefined/],
    ["no size", { "virtual-size": 0 }, /virtual size of 0 bytes/],
    ["an absurd size", { "virtual-size": 2 ** 62 }, /virtual size of/],
  ];
  for (const [what, change, message] of refused) {
    it(`refuses ${what}`, () => {
      const json = JSON.stringify({ ...qcow2, ...change });
      assert.throws(
        () => judgeImage(json),
        (error) => error instanceof ImageRefused && message.test(error.message),
      );
    });
  }
});
