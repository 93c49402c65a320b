// Needs no lab: an API server of its own, with nodes that kwok plays. test/integration/scale.test.ts is the same, smaller.
// Up to an hour on two cores, 12 GiB of memory and 10 GiB below the temporary folder. COUNT takes another number.
import { Fleet } from "../integration/harness/fleet.ts";
import { fleetTests } from "../integration/harness/fleet-life.ts";

const count = Number(process.env["COUNT"] ?? 10_000);

describe(`${String(count)} machines`, function () {
  this.timeout(3_000_000);
  let fleet: Fleet;

  before(async () => {
    fleet = await Fleet.start({ nodes: 50, goMemory: "4GiB" });
  });

  after(async () => {
    await fleet.stop();
  });

  fleetTests(() => fleet, count, 2_700_000);
});
