// Needs no lab. CHAOS_SEED repeats a run's faults; test/integration/chaos.test.ts is the same, shorter.
// Half an hour on two cores, and 4 GiB below the temporary folder for the history of etcd.
import { survives } from "../integration/harness/chaos-life.ts";

describe("machines amid many faults", () => {
  it("survive 200 kills of controller, API server and etcd", async function () {
    this.timeout(5_400_000);
    await survives(Number(process.env["CHAOS_SEED"] ?? 1), 200, 3_000);
  });
});
