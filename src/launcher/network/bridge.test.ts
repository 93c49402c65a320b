import assert from "node:assert/strict";
import { bridgeCommands } from "./bridge.ts";

const pod = { mac: "0a:58:0a:f4:00:05", mtu: 1450, address: "10.244.0.5", prefixLength: 24, routes: [] };

describe("bridgeCommands", () => {
  const lines = bridgeCommands(pod).split("\n");

  it("takes the address off eth0 before the bridge comes up", () => {
    assert.ok(lines.indexOf("address flush dev eth0") < lines.indexOf("link set dev br1 up"));
  });
  it("gives eth0 and br1 MACs of their own: local, unicast and not the guest's", () => {
    const macs = lines.flatMap((line) => /address ((?:..:){5}..)/.exec(line)?.[1] ?? []);
    assert.equal(new Set([...macs, pod.mac]).size, 3);
    for (const mac of macs) assert.equal(parseInt(mac.slice(0, 2), 16) & 0b11, 0b10);
  });
  it("follows the pod's MTU and learns nothing from outside", () => {
    assert.ok(lines.some((line) => line.startsWith("link add name br1 ") && line.includes(" mtu 1450 ")));
    assert.ok(lines.includes("link set dev eth0 type bridge_slave learning off"));
  });
});
