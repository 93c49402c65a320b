import assert from "node:assert/strict";
import { dnsmasqArguments, netmask, type DhcpOffer } from "./dhcp.ts";

const ipv4 = {
  address: "10.244.0.5",
  prefixLength: 24,
  routes: [
    { destination: "default", gateway: "10.244.0.1" },
    { destination: "10.96.0.0/12", gateway: "10.244.0.1" },
  ],
};
const offer: DhcpOffer = {
  ipv4,
  mtu: 1450,
  remote: true,
  mac: "0a:58:0a:f4:00:05",
  hostname: "vm",
  resolver: { servers: ["10.96.0.10", "10.96.0.11"], servers6: [], search: ["a.example", "example"] },
};

function options(from: DhcpOffer): string[] {
  return dnsmasqArguments(from).flatMap((argument) => argument.split("--dhcp-option-force=").slice(1));
}

describe("dnsmasqArguments", () => {
  it("has one lease, for the guest's MAC only", () => {
    const args = dnsmasqArguments(offer);
    assert.ok(args.includes("--dhcp-range=10.244.0.5,static,255.255.255.0"));
    assert.ok(args.includes("--dhcp-host=0a:58:0a:f4:00:05,10.244.0.5,vm,infinite"));
    assert.ok(args.includes("--dhcp-ignore=tag:!known"));
    assert.ok(args.includes("--shared-network=br1,10.244.0.5"));
    assert.ok(args.includes("--port=0"));
  });

  it("tells all that the pod knows", () => {
    assert.deepEqual(options(offer), [
      "3,10.244.0.1",
      "6,10.96.0.10,10.96.0.11",
      "26,1450",
      "15,a.example",
      "119,a.example,example",
      "121,0.0.0.0/0,10.244.0.1,10.96.0.0/12,10.244.0.1",
    ]);
  });

  it("serves a guest behind the pod from an address of its own network", () => {
    const { mac, hostname, mtu, resolver } = offer;
    const args = dnsmasqArguments({ ipv4, mac, hostname, mtu, resolver });
    assert.ok(!args.some((argument) => argument.startsWith("--shared-network")));
  });

  it("gives an IPv6 address by DHCPv6, and its router by advertisements, where the pod has IPv6", () => {
    const { mac, hostname, mtu, resolver } = offer;
    const ipv6 = { address: "fd10:0:2::2", prefixLength: 120 };
    const args = dnsmasqArguments({ ipv4, ipv6, mac, hostname, mtu, resolver });
    assert.ok(args.includes("--enable-ra"));
    assert.ok(args.includes("--dhcp-range=fd10:0:2::2,static,120"));
    assert.ok(args.includes("--dhcp-host=0a:58:0a:f4:00:05,10.244.0.5,[fd10:0:2::2],vm,infinite"));
    assert.ok(args.includes("--dhcp-option=option6:domain-search,a.example,example"));
    assert.ok(!args.some((argument) => argument.includes("dns-server")), "the pod has none by IPv6");
    assert.ok(!dnsmasqArguments(offer).includes("--enable-ra"), "the pod has no IPv6");
  });

  it("gives the pod's own IPv6 address, and advertises a network that is none of the guest's", () => {
    const resolver = { ...offer.resolver, servers6: ["fd00:96::a"] };
    const args = dnsmasqArguments({ ...offer, ipv6: { address: "fd00::5", prefixLength: 64 }, resolver });
    assert.ok(args.includes("--shared-network=br1,fd00::5"));
    assert.ok(args.includes("--dhcp-range=fd00::5,static,128"));
    assert.ok(args.includes("--dhcp-range=fd4e:6573:746c:6574::,static,off-link,64"));
    assert.ok(args.includes("--dhcp-option=option6:dns-server,[fd00:96::a]"));
  });

  it("has nothing of IPv4 for a pod without it", () => {
    const { mac, hostname, mtu, resolver } = offer;
    const ipv6 = { address: "fd00::5", prefixLength: 64 };
    const args = dnsmasqArguments({ ipv6, mac, hostname, mtu, resolver, remote: true });
    assert.ok(args.includes("--dhcp-host=0a:58:0a:f4:00:05,[fd00::5],vm,infinite"));
    assert.doesNotMatch(args.join(" "), /option-force|10\.244/);
  });

  it("reaches a gateway outside the subnet over a route to the link, told before it is used", () => {
    const routes = [{ destination: "default", gateway: "169.254.1.1" }, { destination: "169.254.1.1/32" }];
    const calico = { ...offer, ipv4: { ...ipv4, prefixLength: 32, routes } };
    assert.ok(options(calico).includes("121,169.254.1.1/32,0.0.0.0,0.0.0.0/0,169.254.1.1"));
  });

  it("tells of no router (an empty option 3), no servers and no domain where there are none", () => {
    const resolver = { servers: [], servers6: [], search: [] };
    const bare = { ...offer, ipv4: { ...ipv4, routes: [] }, resolver };
    assert.deepEqual(options(bare), ["3", "26,1450"]);
  });
});

describe("netmask", () => {
  for (const [prefix, mask] of [
    [0, "0.0.0.0"],
    [1, "128.0.0.0"],
    [20, "255.255.240.0"],
    [32, "255.255.255.255"],
  ] as const) {
    it(`/${prefix} is ${mask}`, () => assert.equal(netmask(prefix), mask));
  }
});
