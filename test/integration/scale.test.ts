import { Fleet } from "./harness/fleet.ts";
import { fleetTests } from "./harness/fleet-life.ts";

describe("a thousand machines", function () {
  this.timeout(400_000);
  let fleet: Fleet;

  before(async () => {
    fleet = await Fleet.start({ nodes: 10, goMemory: "2GiB" });
  });

  after(async () => {
    await fleet.stop();
  });

  fleetTests(() => fleet, 1_000, 300_000);
});
