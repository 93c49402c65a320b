import assert from "node:assert/strict";
import { StartError } from "../start-error.ts";
import { readPodNetwork } from "./pod-network.ts";

const addresses = JSON.stringify([
  {
    ifname: "eth0",
    mtu: 1450,
    address: "0a:58:0a:f4:00:05",
    addr_info: [
      { family: "inet", local: "10.244.0.5", prefixlen: 24, scope: "global" },
      { family: "inet6", local: "fe80::1", prefixlen: 64, scope: "link" },
    ],
  },
]);

describe("readPodNetwork", () => {
  it("reads what a bridge plugin gives: the kernel's own route is left out", () => {
    const routes4 = JSON.stringify([
      { dst: "default", gateway: "10.244.0.1" },
      { dst: "10.244.0.0/16", gateway: "10.244.0.1" },
      { dst: "10.244.0.0/24", protocol: "kernel", scope: "link" },
    ]);
    assert.deepEqual(readPodNetwork("eth0", { addresses, routes4, routes6: "" }), {
      mac: "0a:58:0a:f4:00:05",
      mtu: 1450,
      ipv4: {
        address: "10.244.0.5",
        prefixLength: 24,
        routes: [
          { destination: "default", gateway: "10.244.0.1" },
          { destination: "10.244.0.0/16", gateway: "10.244.0.1" },
        ],
      },
    });
  });

  it("reads what Calico gives: a /32, and a gateway on the link", () => {
    const single = addresses.replace('"prefixlen":24', '"prefixlen":32');
    const routes4 = JSON.stringify([
      { dst: "default", gateway: "169.254.1.1" },
      { dst: "169.254.1.1", scope: "link" },
    ]);
    const pod = readPodNetwork("eth0", { addresses: single, routes4, routes6: "[]" });
    assert.equal(pod.ipv4?.prefixLength, 32);
    assert.deepEqual(pod.ipv4.routes, [
      { destination: "default", gateway: "169.254.1.1" },
      { destination: "169.254.1.1/32" },
    ]);
  });

  it("has no routes where ip prints nothing", () => {
    assert.deepEqual(readPodNetwork("eth0", { addresses, routes4: "", routes6: "" }).ipv4?.routes, []);
  });

  for (const [what, info, routes, expected] of [
    [
      "a bridge plugin's, with the route to the subnet and none of a link's own",
      [{ local: "fd00::5", prefixlen: 64, scope: "global" }],
      [
        { dst: "fd00::/64", protocol: "kernel" },
        { dst: "fe80::/64", protocol: "kernel" },
        { dst: "ff00::/8", type: "multicast" },
        { dst: "default", gateway: "fd00::1", metric: 1024 },
        { dst: "default", gateway: "fe80::9", metric: 2048 },
      ],
      {
        address: "fd00::5",
        prefixLength: 64,
        routes: [{ destination: "fd00::/64" }, { destination: "default", gateway: "fd00::1" }],
      },
    ],
    [
      "Calico's: a /128, and a gateway known by its link-local address",
      [{ local: "fd01::9", prefixlen: 128, scope: "global" }],
      [
        { dst: "fd01::9", protocol: "kernel" },
        { dst: "default", gateway: "fe80::ecee:eeff:feee:eeee" },
      ],
      {
        address: "fd01::9",
        prefixLength: 128,
        routes: [
          { destination: "fd01::9/128" },
          { destination: "default", gateway: "fe80::ecee:eeff:feee:eeee" },
        ],
      },
    ],
    [
      "the plugin's address, not one that an advertisement made; the first of several gateways",
      [
        { local: "2001:db8::1", prefixlen: 64, scope: "global", dynamic: true },
        { local: "fd00::5", prefixlen: 64, scope: "global" },
      ],
      [{ dst: "default", nexthops: [{ gateway: "fe80::1" }, { gateway: "fe80::2" }] }],
      {
        address: "fd00::5",
        prefixLength: 64,
        routes: [{ destination: "default", gateway: "fe80::1" }],
      },
    ],
  ] as const) {
    it(`reads IPv6: ${what}`, () => {
      const [link] = JSON.parse(addresses) as { addr_info: object[] }[];
      link?.addr_info.push(...info.map((each) => ({ family: "inet6", ...each })));
      const facts = { addresses: JSON.stringify([link]), routes4: "", routes6: JSON.stringify(routes) };
      assert.deepEqual(readPodNetwork("eth0", facts).ipv6, expected);
    });
  }

  it("takes a pod that has IPv6 alone", () => {
    const link = {
      address: "0a:58:0a:f4:00:05",
      addr_info: [{ family: "inet6", local: "fd00::5", prefixlen: 64, scope: "global" }],
    };
    const pod = readPodNetwork("eth0", { addresses: JSON.stringify([link]), routes4: "", routes6: "" });
    assert.equal(pod.ipv4, undefined);
    assert.equal(pod.ipv6?.address, "fd00::5");
  });

  it("refuses a pod without an address", () => {
    const none = { routes4: "[]", routes6: "[]" };
    const link = '[{"address":"0a:58:0a:f4:00:05"}]';
    assert.throws(() => readPodNetwork("eth0", { ...none, addresses: link }), StartError);
    assert.throws(() => readPodNetwork("eth0", { ...none, addresses: "[]" }), /eth0 has no address/);
  });
});
