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

  it("give nodes and pods networks of one IPv6 range", () => {
    const settings = readSettings({ NESTLET_LAB_PODS6: "fd00:1:2:ff00::/56" }, true);
    const nodes = [nodeAt(settings, 1), nodeAt(settings, 2)].map(({ ipv6 }) => ipv6);
    assert.deepEqual(nodes, [
      { address: "fd00:1:2:ff00::2", machine: "fd00:1:2:ff00::1", podRange: "fd00:1:2:ff01::/64" },
      { address: "fd00:1:2:ff00::3", machine: "fd00:1:2:ff00::1", podRange: "fd00:1:2:ff02::/64" },
    ]);
  });

  for (const [why, settings] of [
    ["the kernel has none", readSettings({}, false)],
    ["it is not wanted", readSettings({ NESTLET_LAB_PODS6: "" }, true)],
  ] as const) {
    it(`have no IPv6 where ${why}`, () => {
      assert.equal(settings.podRange6, undefined);
      assert.equal(nodeAt(settings, 1).ipv6, undefined);
    });
  }

  for (const [environment, message] of [
    [{ NESTLET_LAB_PODS: "10.1.2.3/16" }, /NESTLET_LAB_PODS: 10\.1\.2\.3\/16/],
    [{ NESTLET_LAB_PODS: "10.1.2.0/24" }, /NESTLET_LAB_PODS: .* too small; .* at most 22/],
    [{ NESTLET_LAB_SERVICES: "nonsense" }, /NESTLET_LAB_SERVICES: nonsense/],
    [{ NESTLET_LAB_PODS6: "10.1.0.0/16" }, /NESTLET_LAB_PODS6: 10\.1\.0\.0\/16: not an IPv6 range/],
    [{ NESTLET_LAB_PODS6: "fd00::/64" }, /NESTLET_LAB_PODS6: .* too small; .* at most 62/],
  ] as const) {
    it(`refuse ${JSON.stringify(environment)}`, () => {
      assert.throws(() => readSettings(environment, true), message);
    });
  }
});
