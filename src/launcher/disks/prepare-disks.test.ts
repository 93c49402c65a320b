import assert from "node:assert/strict";
import type { DiskPlan } from "../../launch-plan/launch-plan.ts";
import type { PreparedSource } from "../domain/domain-spec.ts";
import { StartError } from "../start-error.ts";
import { withModes } from "./prepare-disks.ts";

const disk: DiskPlan = {
  name: "data",
  bus: "virtio",
  readOnly: false,
  source: { kind: "EmptyDisk", capacityBytes: 512 },
};
const direct: PreparedSource = { file: "/d/data.img", format: "raw", cache: "none" };
const cached: PreparedSource = { ...direct, cache: "writethrough" };

describe("cache and I/O modes", () => {
  it("are the file system's best where nothing is asked for", () => {
    assert.deepEqual(withModes(disk, direct), direct);
    assert.deepEqual(withModes(disk, cached), cached);
  });
  it("are what is asked for where that can be", () => {
    assert.deepEqual(withModes({ ...disk, cache: "writeback", io: "threads" }, direct), {
      ...direct,
      cache: "writeback",
      io: "threads",
    });
    assert.equal(withModes({ ...disk, io: "native" }, direct).io, "native");
  });
  for (const [title, modes, message] of [
    [
      "cache none",
      { cache: "none" },
      /^disk data: cache none is not possible, .*\/d\/data\.img .*; leave cache out$/,
    ],
    [
      "io native",
      { io: "native" },
      /^disk data: io native is not possible with cache writethrough, .*leave io out$/,
    ],
  ] as const) {
    it(`refuse ${title} where the file system cannot`, () => {
      assert.throws(
        () => withModes({ ...disk, ...modes }, cached),
        (error) => error instanceof StartError && message.test(error.message),
      );
    });
  }
});
