import assert from "node:assert/strict";
import { bootOrder, deviceLetters } from "./disk.ts";

describe("bootOrder", () => {
  const table: readonly { wanted: readonly (number | undefined)[]; order: readonly number[] }[] = [
    { wanted: [], order: [] },
    { wanted: [undefined, undefined], order: [1, 2] },
    { wanted: [undefined, 1], order: [2, 1] },
    { wanted: [7, undefined, 3], order: [2, 3, 1] },
    { wanted: [2, 2], order: [1, 2] },
  ];
  for (const { wanted, order } of table) {
    it(JSON.stringify(wanted), () => {
      const disks = wanted.map((number) => (number === undefined ? {} : { bootOrder: number }));
      assert.deepEqual(bootOrder(disks), order);
    });
  }
});

describe("deviceLetters", () => {
  for (const [position, letters] of [
    [0, "a"],
    [25, "z"],
    [26, "aa"],
    [701, "zz"],
    [702, "aaa"],
  ] as const) {
    it(`${position} is ${letters}`, () => assert.equal(deviceLetters(position), letters));
  }
});
