import assert from "node:assert/strict";
import { isReadySince } from "./ready.ts";

const start = new Date("2026-01-01T12:00:00.700Z");
const condition = (status: string, lastHeartbeatTime: string): Parameters<typeof isReadySince>[0] => [
  { type: "DiskPressure", status: "False", lastHeartbeatTime },
  { type: "Ready", status, lastHeartbeatTime },
];

describe("a node", () => {
  for (const [what, conditions, expected] of [
    ["ready in a later heartbeat", condition("True", "2026-01-01T12:00:05Z"), true],
    ["ready in a heartbeat of the same second", condition("True", "2026-01-01T12:00:00Z"), true],
    ["ready in a heartbeat of a former kubelet", condition("True", "2026-01-01T11:59:59Z"), false],
    ["not ready", condition("False", "2026-01-01T12:00:05Z"), false],
    ["without conditions", [], false],
  ] as const) {
    it(`is ${expected ? "" : "not "}ready when it is ${what}`, () => {
      assert.equal(isReadySince(conditions, start), expected);
    });
  }
});
