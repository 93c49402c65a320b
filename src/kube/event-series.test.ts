import assert from "node:assert/strict";
import { EventSeries } from "./event-series.ts";

const MINUTE = 60_000;
const event = (name: string): { namespace: string; name: string } => ({ namespace: "default", name });

describe("a series of Events", () => {
  it("counts those that repeat, each kind by itself", () => {
    const series = new EventSeries();
    assert.equal(series.again("a", 0), undefined);
    series.begin("a", event("a.1"), 0);
    series.begin("b", event("b.1"), 0);
    assert.equal(series.again("a", MINUTE)?.count, 2);
    const third = series.again("a", 2 * MINUTE);
    assert.deepEqual([third?.name, third?.count], ["a.1", 3]);
    assert.equal(series.again("b", 2 * MINUTE)?.count, 2);
  });

  for (const [gap, minutes, count] of [
    ["goes on within six minutes", 6, 2],
    ["ends after more", 6.1, undefined],
  ] as const) {
    it(gap, () => {
      const series = new EventSeries();
      series.begin("a", event("a.1"), 0);
      assert.equal(series.again("a", minutes * MINUTE)?.count, count);
    });
  }

  it("goes on for as long as it repeats", () => {
    const series = new EventSeries();
    series.begin("a", event("a.1"), 0);
    const counts = [5, 10, 15, 20].map((minute) => series.again("a", minute * MINUTE)?.count);
    assert.deepEqual(counts, [2, 3, 4, 5]);
  });

  it("forgets the one that was quiet for longest when there are too many", () => {
    const series = new EventSeries(2);
    series.begin("a", event("a.1"), 0);
    series.begin("b", event("b.1"), 1);
    series.again("a", 2);
    series.begin("c", event("c.1"), 3);
    assert.equal(series.again("b", 4), undefined);
    assert.deepEqual([series.again("a", 4)?.count, series.again("c", 4)?.count], [3, 2]);
  });
});
