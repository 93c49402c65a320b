import assert from "node:assert/strict";
import { survives } from "./harness/chaos-life.ts";
import { doubles } from "./harness/pod-history.ts";

describe("machines amid faults", () => {
  it("survive some kills of controller, API server and etcd", async function () {
    this.timeout(400_000);
    await survives(Number(process.env["CHAOS_SEED"] ?? 6), 8, 3_000);
  });

  for (const [title, lives, found] of [
    [
      "one pod after the other is none",
      [
        { pod: "virt-launcher-a-1", made: 1, gone: 3 },
        { pod: "virt-launcher-a-2", made: 4 },
      ],
      [],
    ],
    [
      "two pods of a machine at the same time",
      [
        { pod: "virt-launcher-a-1", made: 1, gone: 5 },
        { pod: "virt-launcher-a-2", made: 4 },
      ],
      ["a had virt-launcher-a-1 and virt-launcher-a-2 at the same time"],
    ],
    [
      "a second pod of an instance",
      [
        { pod: "virt-launcher-a-1", made: 1, gone: 3 },
        { pod: "virt-launcher-a-1", made: 4 },
      ],
      ["virt-launcher-a-1 was made 2 times"],
    ],
  ] as const) {
    it(`would show a double: ${title}`, () => assert.deepEqual(doubles(lives), found));
  }
});
