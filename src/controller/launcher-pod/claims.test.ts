import assert from "node:assert/strict";
import { storedClaim } from "../../../test/support/stored.ts";
import { claimFactsOf, claimUsesOf } from "./claims.ts";

const MiB = 2 ** 20;

describe("claimUsesOf", () => {
  it("lists claims, and nothing else", () => {
    const volumes = [
      { name: "root", registryDisk: { image: "i" } },
      { name: "data", persistentVolumeClaim: { claimName: "a" } },
      { name: "shared", persistentVolumeClaim: { claimName: "b", readOnly: true } },
      { name: "kept", containerDisk: { image: "i", overlay: { claimName: "c" } } },
    ];
    assert.deepEqual(claimUsesOf({ volumes }), [
      { volume: "data", claimName: "a", readOnly: false, fileSystem: false },
      { volume: "shared", claimName: "b", readOnly: true, fileSystem: false },
      { volume: "kept", claimName: "c", readOnly: false, fileSystem: true },
    ]);
    assert.deepEqual(claimUsesOf({}), []);
  });
});

describe("claimFactsOf", () => {
  for (const [title, requested, capacity, bytes] of [
    ["what was asked for, while there is no volume", "10Mi", undefined, 10 * MiB],
    ["what was asked for, of a larger volume", "10Mi", "12Mi", 10 * MiB],
    ["the volume's size, while it grows", "10Mi", "8Mi", 8 * MiB],
    ["whole MiB", "10M", "10M", 9 * MiB],
  ] as const) {
    it(`has as size ${title}`, () => {
      const facts = claimFactsOf(storedClaim(requested, capacity));
      assert.deepEqual(facts, { volumeMode: "Filesystem", capacityBytes: bytes });
    });
  }
  it("tells a block device", () => {
    assert.equal(claimFactsOf(storedClaim("1Gi", "1Gi", { volumeMode: "Block" })).volumeMode, "Block");
  });
});
