import assert from "node:assert/strict";
import { storedInstance, storedMachine } from "../../../test/support/stored.ts";
import { PAUSED_ANNOTATION } from "../../api/metadata.ts";
import type { VirtualMachine, VirtualMachineStatus } from "../../api/resources.ts";
import { isHeld } from "../virtual-machine-instance/held.ts";
import { heldStatus } from "./held.ts";

const now = Date.parse("2030-01-01T01:00:00Z");
const earlier = "2030-01-01T00:00:00.000Z";

function machine(runStrategy: "Always" | "Halted", status?: VirtualMachineStatus): VirtualMachine {
  const stored = storedMachine({ runStrategy }, status);
  return { ...stored, metadata: { ...stored.metadata, annotations: { [PAUSED_ANNOTATION]: "" } } };
}

function deleted(stored: VirtualMachine): VirtualMachine {
  return { ...stored, metadata: { ...stored.metadata, deletionTimestamp: earlier } };
}

function saidOf({ conditions = [] }: VirtualMachineStatus): string | undefined {
  return conditions.find(({ type }) => type === "ReconciliationPaused")?.message;
}

describe("a machine that is left alone", () => {
  it("has the annotation, whatever its value", () => {
    assert.equal(isHeld(machine("Always")), true);
    assert.equal(isHeld(storedMachine({ runStrategy: "Always" })), false);
  });

  it("is told of as it is, where nothing would be done", () => {
    const running = storedInstance({}, { phase: "Running" });
    const status = heldStatus(machine("Always"), running, now);
    assert.equal(status.printableStatus, "Running");
    assert.match(
      saidOf(status) ?? "",
      /paused is set, so nothing is done about the machine; remove it to go on$/,
    );
  });

  it("keeps its last status where something would be done, and says what", () => {
    const before: VirtualMachineStatus = { printableStatus: "Stopped" };
    const status = heldStatus(machine("Always", before), undefined, now);
    assert.equal(status.printableStatus, "Stopped");
    assert.match(saidOf(status) ?? "", /\(to create its instance has to wait\); remove it/);
    const running = storedInstance({}, { phase: "Running" });
    assert.match(saidOf(heldStatus(machine("Halted"), running, now)) ?? "", /\(to delete its instance/);
    assert.match(saidOf(heldStatus(deleted(machine("Always")), running, now)) ?? "", /\(it is not deleted\)/);
  });

  it("says it once, since when", () => {
    const first = heldStatus(machine("Halted"), undefined, Date.parse(earlier));
    const second = heldStatus(machine("Halted", first), undefined, now);
    assert.deepEqual(second, first);
  });
});
