import assert from "node:assert/strict";
import { addressAt, overlap, parseRange, subrangeAt } from "./ranges.ts";

describe("IPv4 ranges", () => {
  for (const [a, b, expected] of [
    ["10.93.0.0/16", "10.93.5.0/24", true],
    ["10.93.5.0/24", "10.93.0.0/16", true],
    ["10.93.0.0/16", "10.94.0.0/16", false],
    ["10.93.0.0/16", "10.92.0.0/14", true],
    ["0.0.0.0/0", "203.0.113.1", true],
    ["203.0.113.1", "203.0.113.1/32", true],
    ["255.255.255.255", "255.255.255.254/31", true],
    ["10.0.0.0/9", "10.128.0.0/9", false],
  ] as const) {
    it(`${a} and ${b} ${expected ? "overlap" : "are apart"}`, () => {
      assert.equal(overlap(parseRange(a), parseRange(b)), expected);
    });
  }

  for (const [text, message] of [
    ["10.93.0.0/33", /the length above 32/],
    ["10.93.0.256", /an octet is above 255/],
    ["10.93.0/16", /write it like 10\.93\.0\.0\/16/],
    ["fd00::/8", /not an IPv4 range/],
    ["10.93.1.0/16", /write 10\.93\.0\.0\/16/],
  ] as const) {
    it(`refuses ${text}`, () => {
      assert.throws(() => parseRange(text), message);
    });
  }

  it("counts addresses from the network's own", () => {
    assert.equal(addressAt("10.95.255.0/28", 2), "10.95.255.2");
    assert.equal(addressAt("10.94.0.0/16", 256), "10.94.1.0");
    assert.throws(() => addressAt("10.95.255.0/30", 4), /has no address number 4/);
  });

  it("cuts a range into parts", () => {
    assert.equal(subrangeAt("10.93.0.0/16", 24, 0), "10.93.0.0/24");
    assert.equal(subrangeAt("10.93.0.0/16", 24, 2), "10.93.2.0/24");
    assert.throws(() => subrangeAt("10.93.0.0/23", 24, 2), RangeError);
  });
});
