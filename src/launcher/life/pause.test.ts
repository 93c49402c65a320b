import assert from "node:assert/strict";
import type { DomainEvent } from "../hypervisor/domain-event.ts";
import { pauseReasonOf, PauseSign } from "./pause.ts";

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

describe("PauseSign", () => {
  it("shows what changes, and only that", () => {
    const shown: (string | undefined)[] = [];
    const sign = new PauseSign((reason) => shown.push(reason));
    const events: DomainEvent[] = [
      { type: "Resumed" }, // the domain starts
      { type: "Started" },
      { type: "Suspended", detail: "Paused" },
      { type: "Suspended", detail: "Paused" }, // libvirtd was started again
      { type: "Resumed" },
      { type: "Resumed" },
      { type: "Suspended", detail: "IOError" },
      { type: "Suspended", detail: "Paused" },
      { type: "Stopped", detail: "Shutdown" },
    ];
    for (const event of events) sign.observe(event);
    assert.deepEqual(shown, ["User", undefined, "IOError", "User"]);
  });

  it("keeps a better reason until the pause is over, and explains no guest that runs", () => {
    const shown: (string | undefined)[] = [];
    const sign = new PauseSign((reason) => shown.push(reason));
    sign.explain("NoSpace");
    sign.observe({ type: "Suspended", detail: "IOError" });
    sign.explain("NoSpace");
    sign.observe({ type: "Suspended", detail: "IOError" }); // libvirtd was started again
    sign.observe({ type: "Resumed" });
    sign.explain("NoSpace");
    assert.deepEqual(shown, ["IOError", "NoSpace", undefined]);
  });
});
