import assert from "node:assert/strict";
import type { DomainEvent } from "../hypervisor/domain-event.ts";
import { pauseReasonOf } from "./pause.ts";

describe("pauseReasonOf", () => {
  const table: readonly (readonly [DomainEvent, string | undefined])[] = [
    [{ type: "Suspended", detail: "Paused" }, "User"],
    [{ type: "Suspended", detail: "IOError" }, "IOError"],
    [{ type: "Suspended", detail: "Watchdog" }, "Watchdog"],
    [{ type: "Resumed" }, undefined],
    [{ type: "Stopped", detail: "Shutdown" }, undefined],
  ];
  for (const [event, reason] of table) {
    it(`${JSON.stringify(event)}: ${reason ?? "no pause"}`, () => assert.equal(pauseReasonOf(event), reason));
  }
});
