import assert from "node:assert/strict";
import { hostnameOf, labelValueOf, launcherPodName } from "./names.ts";

const uid = "0b7c6f1e-0000-4000-8000-000000000001";
const names = [
  "a",
  "web.shop.example",
  "a".repeat(63),
  "a".repeat(64),
  `${"a".repeat(51)}-.${"b".repeat(200)}`,
];
const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const labelValue = /^[a-z0-9]([-._a-z0-9]{0,61}[a-z0-9])?$/;

describe("names derived from an object's", () => {
  for (const name of names) {
    it(`are valid for one of ${String(name.length)} characters: ${name.slice(0, 20)}`, () => {
      assert.match(labelValueOf(name), labelValue);
      assert.match(launcherPodName({ name, uid }), label);
      assert.match(hostnameOf(name), label);
    });
  }

  it("leave a label's value as it is where it fits", () => {
    assert.equal(labelValueOf("web.shop.example"), "web.shop.example");
    assert.equal(labelValueOf("a".repeat(63)), "a".repeat(63));
  });

  it("differ for long names that begin alike", () => {
    assert.notEqual(labelValueOf(`${"a".repeat(100)}b`), labelValueOf(`${"a".repeat(100)}c`));
  });

  it("are the same for one instance and another for the next of its name", () => {
    const first = launcherPodName({ name: "a", uid });
    assert.equal(launcherPodName({ name: "a", uid }), first);
    assert.notEqual(launcherPodName({ name: "a", uid: "another" }), first);
    assert.match(first, /^virt-launcher-a-[0-9a-f]{10}$/);
  });

  it("are the part before the first dot for a host", () => {
    assert.equal(hostnameOf("web.shop.example"), "web");
  });
});
