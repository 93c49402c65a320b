import assert from "node:assert/strict";
import { storedInstance, storedPod } from "../../../test/support/stored.ts";
import { PAUSED_ANNOTATION } from "../../api/metadata.ts";
import type { InstanceStatus, VirtualMachineInstance } from "../../api/resources.ts";
import { heldEnd } from "./held.ts";
import { statusFromPod } from "./status.ts";

const now = Date.parse("2030-01-01T01:00:00Z");
const annotations = { [PAUSED_ANNOTATION]: "" };
const deletionTimestamp = "2030-01-01T00:30:00Z";

function saidOf({ conditions = [] }: InstanceStatus): string | undefined {
  return conditions.find(({ type }) => type === "ReconciliationPaused")?.message;
}

describe("an instance that is left alone", () => {
  const of = (instance: VirtualMachineInstance): string | undefined =>
    saidOf(statusFromPod(instance, storedPod({}), now));
  const known = { podName: "virt-launcher-a" };

  for (const [title, instance, says] of [
    ["has a pod", storedInstance({}, known, { annotations }), /about the instance; remove it to go on$/],
    ["has none yet", storedInstance({}, {}, { annotations }), /instance \(it gets no pod\); remove it/],
    [
      "is to be deleted",
      storedInstance({}, known, { annotations, deletionTimestamp }),
      /instance \(it is not deleted\); remove it/,
    ],
  ] as const) {
    it(`says so when it ${title}`, () => assert.match(of(instance) ?? "", says));
  }

  it("does not say so when nobody has asked for it", () => {
    assert.equal(of(storedInstance({}, known)), undefined);
  });

  it("keeps what is known of its run that is over, and says it once", () => {
    const before: InstanceStatus = { ...known, phase: "Succeeded", reason: "GuestShutdown" };
    const meta = { annotations, deletionTimestamp };
    const first = heldEnd(storedInstance({}, before, meta), now);
    assert.deepEqual({ ...first, conditions: undefined }, { ...before, conditions: undefined });
    assert.match(saidOf(first) ?? "", /it is not deleted/);
    assert.deepEqual(heldEnd(storedInstance({}, first, meta), now + 60_000), first);
  });
});
