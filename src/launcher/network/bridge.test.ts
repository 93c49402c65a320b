import assert from "node:assert/strict";
import { bridgeCommands } from "./bridge.ts";

const ipv4 = { address: "10.244.0.5", prefixLength: 24, routes: [] };
const ipv6 = { address: "fd00::5", prefixLength: 64, routes: [] };
const pod = { mac: "0a:58:0a:f4:00:05", mtu: 1450, ipv4 };

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
  it("has an address for the DHCP server, of the family that needs one", () => {
    assert.ok(lines.includes("address add 169.254.75.86/32 dev br1"));
    assert.ok(!lines.some((line) => line.includes("addrgenmode")), "the kernel may have no IPv6");
    const only6 = bridgeCommands({ mac: pod.mac, mtu: 1450, ipv6 });
    assert.doesNotMatch(only6, /169\.254/);
    assert.match(only6, /\nlink set dev br1 addrgenmode none\nlink set dev br1 up\n/);
  });
});
