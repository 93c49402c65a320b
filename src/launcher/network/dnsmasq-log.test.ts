import assert from "node:assert/strict";
import { readDnsmasqLine } from "./dnsmasq-log.ts";

const duid = "00:01:00:01:32:95:1f:73:72:cc:2e:13:71:df";

describe("readDnsmasqLine", () => {
  for (const [line, expected] of [
    [
      "dnsmasq-dhcp[30]: DHCP, sockets bound exclusively to interface br1",
      { level: "info", msg: "DHCP, sockets bound exclusively to interface br1" },
    ],
    [
      "dnsmasq: cannot create ICMPv6 socket: x",
      { level: "info", msg: "dnsmasq: cannot create ICMPv6 socket: x" },
    ],
    ["dnsmasq[30]: started, version 2.90 DNS disabled", undefined],
    ["dnsmasq[30]: compile time options: IPv6", undefined],
    [`dnsmasq-dhcp[30]: DHCPADVERTISE(br1) ${duid} no addresses available`, "lease-held"],
    [`dnsmasq-dhcp[30]: DHCPREPLY(br1) ${duid} no addresses available`, "lease-held"],
  ] as const) {
    it(`reads ${JSON.stringify(line)}`, () => {
      assert.deepEqual(readDnsmasqLine(line), expected);
    });
  }
});
