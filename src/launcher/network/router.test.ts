import assert from "node:assert/strict";
import { linkLocalCommand, routerCommands, routerRules } from "./router.ts";

describe("linkLocalCommand", () => {
  it("gives an address that is usable at once, and another one each time", () => {
    const commands = Array.from({ length: 8 }, linkLocalCommand);
    for (const command of commands) {
      assert.match(command, /^address add fe80::([0-9a-f]{1,4}:){3}[0-9a-f]{1,4}\/64 dev br1 nodad$/);
    }
    assert.equal(new Set(commands).size, commands.length);
  });
});

describe("routerCommands", () => {
  for (const [plugin, routes, expected] of [
    [
      "a bridge plugin",
      [{ destination: "fd00::/64" }, { destination: "default", gateway: "fd00::1" }],
      ["route add fd00::/64 dev br1", "route add ::/0 via fd00::1 dev br1"],
    ],
    [
      "a plugin whose gateway is link-local",
      [{ destination: "default", gateway: "fe80::ecee:eeff:feee:eeee" }],
      ["route add ::/0 via fe80::ecee:eeff:feee:eeee dev br1"],
    ],
    [
      "a plugin whose gateway is reached by a route that is told after it",
      [{ destination: "default", gateway: "fd01::a" }, { destination: "fd01::a/128" }],
      ["route add fd01::a/128 dev br1", "route add ::/0 via fd01::a dev br1"],
    ],
  ] as const) {
    it(`send on what the guest sends as ${plugin} would have the pod do it`, () => {
      const lines = routerCommands({ routes: [...routes] }).split("\n");
      assert.deepEqual(
        lines.filter((line) => line.startsWith("route ")),
        expected,
      );
      assert.ok(lines[0]?.startsWith("address add fe80::"), "routes need an address on the link");
      assert.ok(lines.includes("address add fd4e:6573:746c:6574::1/64 dev br1 nodad noprefixroute"));
    });
  }
});

describe("routerRules", () => {
  const rules = routerRules("0a:58:0a:f4:00:05").split("\n");

  it("keep advertisements, DHCPv6 and the questions for them on their side of eth0, both ways", () => {
    for (const match of ['iifname "eth0"', 'oifname "eth0"']) {
      const dropped = rules.filter((line) => line.trim().startsWith(match) && line.endsWith(" drop"));
      assert.ok(
        dropped.some((line) => line.includes("icmpv6 type { nd-router-solicit, nd-router-advert }")),
        match,
      );
      assert.ok(
        dropped.some((line) => line.includes("udp dport { 546, 547 }")),
        match,
      );
    }
  });

  it("let nobody but the guest use the pod as its router", () => {
    const input = rules.findIndex((line) => line.includes("hook input"));
    assert.equal(rules[input + 1]?.trim(), 'iifname "eth0" ip6 daddr != { fe80::/10, ff00::/8 } drop');
  });

  it("drop neighbour solicitations only where they are the guest's own, returned", () => {
    const solicitations = rules.filter((line) => line.includes("nd-neighbor-solicit"));
    assert.deepEqual(
      solicitations.map((line) => line.trim()),
      ['iifname "eth0" ether saddr 0a:58:0a:f4:00:05 icmpv6 type nd-neighbor-solicit drop'],
    );
  });
});
