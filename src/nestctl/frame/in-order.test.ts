import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { inOrder } from "./in-order.ts";

describe("inOrder", () => {
  it("does so many at a time, and keeps the order", async () => {
    let running = 0;
    let most = 0;
    const results = await inOrder([5, 1, 3, 2], 2, async (item) => {
      most = Math.max(most, ++running);
      await sleep(item);
      running--;
      return item * 10;
    });
    assert.deepEqual(results, [50, 10, 30, 20]);
    assert.equal(most, 2);
  });
  it("does nothing with nothing", async () =>
    assert.deepEqual(await inOrder([], 4, () => Promise.resolve(1)), []));
});
