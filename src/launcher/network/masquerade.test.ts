import assert from "node:assert/strict";
import type { MasqueradePlan } from "../../launch-plan/launch-plan.ts";
import type { PodNetwork } from "./pod-network.ts";
import { forwardingSettings, masqueradeCommands, masqueradeRules, privateNetworks } from "./masquerade.ts";

const plan: MasqueradePlan = {
  name: "default",
  model: "virtio",
  binding: "masquerade",
  network: "10.0.2.0/24",
  network6: "fd10:0:2::/120",
};
const ipv4 = { address: "10.244.0.5", prefixLength: 24, routes: [] };
const ipv6 = { address: "fd00::5", prefixLength: 64, routes: [] };
const pod = { mac: "0a:58:0a:f4:00:05", mtu: 1450, ipv4 };
const dual = { ...pod, ipv6 };
const only6 = { mac: pod.mac, mtu: pod.mtu, ipv6 };

describe("privateNetworks", () => {
  const table: readonly (readonly [string, string, string])[] = [
    ["10.0.2.0/24", "10.0.2.1", "10.0.2.2"],
    ["192.168.1.248/29", "192.168.1.249", "192.168.1.250"],
  ];
  for (const [network, gateway, guest] of table) {
    it(`of ${network}: ${gateway} is the pod, ${guest} the guest`, () => {
      const networks = privateNetworks({ ...plan, network }, pod);
      assert.deepEqual([networks.ipv4?.gateway, networks.ipv4?.guest], [gateway, guest]);
      assert.equal(networks.ipv6, undefined, "the pod has no IPv6");
    });
  }
  for (const [network6, guest] of [
    ["fd10:0:2::/120", "fd10:0:2::2"],
    ["fd00:1:2:3:4:5:6:100/120", "fd00:1:2:3:4:5:6:102"],
    ["fd00:1:2:3::/64", "fd00:1:2:3::2"],
  ] as const) {
    it(`of ${network6}: the guest is ${guest}`, () => {
      assert.equal(privateNetworks({ ...plan, network6 }, dual).ipv6?.guest, guest);
    });
  }
});

describe("masqueradeCommands", () => {
  it("make a bridge with the gateway's addresses and the pod's MTU, and leave eth0 alone", () => {
    const commands = masqueradeCommands(dual, privateNetworks(plan, dual));
    assert.match(commands, /^link add name br1 address \S+ mtu 1450 type bridge /);
    assert.match(commands, /\naddress add 10\.0\.2\.1\/24 dev br1\n/);
    assert.match(
      commands,
      /\nlink set dev br1 addrgenmode none\naddress add fe80::\S+\/64 dev br1 nodad\naddress add fd10:0:2::1\/120 dev br1 nodad\n/,
    );
    assert.doesNotMatch(commands, /eth0/);
  });
});

describe("forwardingSettings", () => {
  it("touch a family only where the pod has it", () => {
    const files = (of: PodNetwork): string => forwardingSettings(privateNetworks(plan, of)).flat().join(" ");
    assert.match(files(pod), /ip_forward 1/);
    assert.doesNotMatch(files(pod), /ipv6/);
    assert.match(files(dual), /net\/ipv6\/conf\/all\/forwarding 1/);
    assert.doesNotMatch(files(only6), /ipv4/);
  });
});

describe("masqueradeRules", () => {
  it("pass everything on to the guest where no ports are listed", () => {
    const rules = masqueradeRules(pod, privateNetworks(plan, pod));
    assert.match(rules, /iifname "eth0" ip daddr 10\.244\.0\.5 dnat to 10\.0\.2\.2\n/);
    assert.match(rules, /oifname "eth0" ip saddr 10\.0\.2\.2 masquerade\n/);
    assert.doesNotMatch(rules, /ip6/);
  });
  it("pass the listed ports on and no other, each once", () => {
    const ports = [
      { protocol: "TCP", port: 443 },
      { protocol: "UDP", port: 53 },
      { protocol: "TCP", port: 80 },
      { protocol: "TCP", port: 443 },
    ] as const;
    const rules = masqueradeRules(dual, privateNetworks(plan, dual), ports);
    const passed = rules.split("\n").filter((line) => line.includes('iifname "eth0"'));
    assert.deepEqual(
      passed.map((line) => line.trim()),
      [
        'iifname "eth0" ip daddr 10.244.0.5 tcp dport { 80, 443 } dnat to 10.0.2.2',
        'iifname "eth0" ip daddr 10.244.0.5 udp dport { 53 } dnat to 10.0.2.2',
        'iifname "eth0" ip6 daddr fd00::5 tcp dport { 80, 443 } dnat to fd10:0:2::2',
        'iifname "eth0" ip6 daddr fd00::5 udp dport { 53 } dnat to fd10:0:2::2',
      ],
    );
  });
  it("have nothing of a family that the pod has not", () => {
    const rules = masqueradeRules(only6, privateNetworks(plan, only6));
    assert.match(rules, /iifname "eth0" ip6 daddr fd00::5 dnat to fd10:0:2::2\n/);
    assert.doesNotMatch(rules, /table ip |undefined/);
  });
});
