import assert from "node:assert/strict";
import { networkObstacle } from "./network.ts";

const network = { podCIDR: "10.243.0.0/16", serviceCIDR: "10.95.0.0/16", lanCIDR: "192.168.10.0/24" };

describe("networkObstacle", () => {
  for (const [address, field] of [
    ["10.96.0.1", undefined],
    ["10.243.7.1", "podCIDR"],
    ["10.95.255.255", "serviceCIDR"],
    ["192.168.10.4", "lanCIDR"],
    ["192.168.11.4", undefined],
    ["fd00::1", undefined],
  ] as const) {
    it(`${address}: ${field ?? "none"}`, () => {
      const obstacle = networkObstacle(network, [{ address, of: "a pod" }]);
      assert.equal(obstacle?.reason, field === undefined ? undefined : "NetworkOverlap");
      if (field !== undefined)
        assert.match(
          obstacle?.message ?? "",
          new RegExp(`^spec\\.network\\.${field} .*${address}, the address of a pod`),
        );
    });
  }
});
