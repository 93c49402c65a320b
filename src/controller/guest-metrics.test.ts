import assert from "node:assert/strict";
import { Registry } from "prom-client";
import { storedInstance, storedMachine, storedPod } from "../../test/support/stored.ts";
import { GuestMetrics, launcherStateOf, type Guests } from "./guest-metrics.ts";

describe("the metrics of guests", () => {
  it("count by phase, node and status what there is now, and nothing while another replica acts", async () => {
    const registry = new Registry();
    let guests: Guests | undefined;
    new GuestMetrics(registry, () => guests);
    const lines = async (): Promise<string[]> =>
      (await registry.metrics())
        .split("\n")
        .filter((line) => /^nestlet_vmi?_(phase|status)_count\{/.test(line));
    assert.deepEqual(await lines(), []);
    const running = storedInstance({}, { phase: "Running", nodeName: "n" });
    guests = {
      machines: [storedMachine({}, { printableStatus: "Stopped" })],
      instances: [running, running, storedInstance()],
      pods: [],
    };
    assert.deepEqual(await lines(), [
      'nestlet_vmi_phase_count{phase="Running",node="n"} 2',
      'nestlet_vmi_phase_count{phase="Pending",node=""} 1',
      'nestlet_vm_status_count{status="Stopped"} 1',
    ]);
    guests = { machines: [], instances: [], pods: [] };
    assert.deepEqual(await lines(), []);
  });

  for (const [state, pod] of [
    ["Scheduling", storedPod({ phase: "Pending" })],
    ["Stopping", storedPod({ phase: "Running" }, {}, { deletionTimestamp: "2030-01-01T00:00:00Z" })],
    ["Succeeded", storedPod({ phase: "Succeeded" }, {}, { deletionTimestamp: "2030-01-01T00:00:00Z" })],
  ] as const) {
    it(`call a launcher ${state}`, () => assert.equal(launcherStateOf(pod), state));
  }

  it("put each step of a start into its histogram", async () => {
    const registry = new Registry();
    new GuestMetrics(registry, () => undefined).started({ schedule: 0.3, total: 1.5 });
    const text = await registry.metrics();
    assert.match(text, /nestlet_vmi_start_seconds_bucket\{le="0\.5",step="schedule"\} 1/);
    assert.match(text, /nestlet_vmi_start_seconds_sum\{step="total"\} 1\.5/);
  });
});
