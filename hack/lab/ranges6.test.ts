import assert from "node:assert/strict";
import { address6At, overlap6, parseRange6, subnet6At } from "./ranges6.ts";

describe("IPv6 ranges", () => {
  for (const [a, b, expected] of [
    ["fd93:4e65:7374::/48", "fd93:4e65:7374:5::/64", true],
    ["fd93:4e65:7374:5::/64", "fd93:4e65:7374::/48", true],
    ["fd93:4e65:7374::/48", "fd93:4e65:7375::/48", false],
    ["::/0", "2001:db8::1", true],
    ["fc00::/7", "fd93:4e65:7374::/48", true],
    ["fe80::/10", "fd93:4e65:7374::/48", false],
    ["::1", "::/127", true],
    ["ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ff00::/8", true],
  ] as const) {
    it(`${a} and ${b} ${expected ? "overlap" : "are apart"}`, () => {
      assert.equal(overlap6(parseRange6(a), parseRange6(b)), expected);
    });
  }

  for (const [text, message] of [
    ["10.93.0.0/16", /not an IPv6 range; write it like/],
    ["fd93::/129", /the length is above 128/],
    ["fd93::1/64", /has bits set behind its length/],
    ["fd93::1::/64", /not an IPv6 range/],
    ["", /not an IPv6 range/],
  ] as const) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseRange6(text), message);
    });
  }

  it("are cut into networks of a /64", () => {
    assert.equal(subnet6At("fd93:4e65:7374::/48", 0), "fd93:4e65:7374:0::/64");
    assert.equal(subnet6At("fd93:4e65:7374::/48", 258), "fd93:4e65:7374:102::/64");
    assert.equal(address6At("fd93:4e65:7374:ff00::/56", 255, 18), "fd93:4e65:7374:ffff::12");
    assert.throws(() => subnet6At("fd93:4e65:7374:ff00::/56", 256), /has no \/64 number 256/);
    assert.throws(() => subnet6At("fd93::/80", 0), RangeError);
  });
});
