import assert from "node:assert/strict";
import { dnsAddress, gatewayAddress, nodeAt, readSettings } from "./settings.ts";

describe("settings", () => {
  it("have addresses for node, machine and DNS that follow from the ranges", () => {
    const settings = readSettings({
      NESTLET_LAB_NODES: "10.201.7.0/28",
      NESTLET_LAB_SERVICES: "10.202.0.0/16",
    });
    assert.equal(gatewayAddress(settings), "10.201.7.1");
    assert.equal(nodeAt(settings, 1).address, "10.201.7.2");
    assert.equal(dnsAddress(settings), "10.202.0.10");
  });

  it("give each node its own pods and folders", () => {
    const settings = readSettings({});
    const [first, second] = [nodeAt(settings, 1), nodeAt(settings, 2)];
    assert.equal(first.podRange, "10.93.0.0/24");
    assert.equal(second.podRange, "10.93.1.0/24");
    assert.notEqual(first.stateDir, second.stateDir);
  });

  for (const [environment, message] of [
    [{ NESTLET_LAB_PODS: "10.1.2.3/16" }, /NESTLET_LAB_PODS: 10\.1\.2\.3\/16/],
    [{ NESTLET_LAB_PODS: "10.1.2.0/24" }, /NESTLET_LAB_PODS: .* too small; .* at most 22/],
    [{ NESTLET_LAB_SERVICES: "nonsense" }, /NESTLET_LAB_SERVICES: nonsense/],
  ] as const) {
    it(`refuse ${JSON.stringify(environment)}`, () => {
      assert.throws(() => readSettings(environment), message);
    });
  }
});
