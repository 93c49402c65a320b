// Needs no lab: an API server of its own, with nodes that kwok plays. test/integration/scale.test.ts is the same, smaller.
import { Fleet } from "../integration/harness/fleet.ts";
import { fleetTests } from "../integration/harness/fleet-life.ts";

describe("ten thousand machines", function () {
  this.timeout(1_800_000);
  let fleet: Fleet;

  before(async () => {
    fleet = await Fleet.start(50);
  });

  after(async () => {
    await fleet.stop();
  });

  fleetTests(() => fleet, 10_000, 1_200_000);
});
