import assert from "node:assert/strict";
import { StartError } from "../start-error.ts";
import { readPodNetwork } from "./pod-network.ts";

const address = JSON.stringify([
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
    const routes = JSON.stringify([
      { dst: "default", gateway: "10.244.0.1" },
      { dst: "10.244.0.0/16", gateway: "10.244.0.1" },
      { dst: "10.244.0.0/24", protocol: "kernel", scope: "link" },
    ]);
    assert.deepEqual(readPodNetwork("eth0", address, routes), {
      mac: "0a:58:0a:f4:00:05",
      mtu: 1450,
      address: "10.244.0.5",
      prefixLength: 24,
      routes: [
        { destination: "default", gateway: "10.244.0.1" },
        { destination: "10.244.0.0/16", gateway: "10.244.0.1" },
      ],
    });
  });

  it("reads what Calico gives: a /32, and a gateway on the link", () => {
    const single = address.replace('"prefixlen":24', '"prefixlen":32');
    const routes = JSON.stringify([
      { dst: "default", gateway: "169.254.1.1" },
      { dst: "169.254.1.1", scope: "link" },
    ]);
    const pod = readPodNetwork("eth0", single, routes);
    assert.equal(pod.prefixLength, 32);
    assert.deepEqual(pod.routes, [
      { destination: "default", gateway: "169.254.1.1" },
      { destination: "169.254.1.1/32" },
    ]);
  });

  it("has no routes where ip prints nothing", () => {
    assert.deepEqual(readPodNetwork("eth0", address, "").routes, []);
  });

  it("refuses a pod without an IPv4 address", () => {
    assert.throws(() => readPodNetwork("eth0", '[{"address":"0a:58:0a:f4:00:05"}]', "[]"), StartError);
    assert.throws(() => readPodNetwork("eth0", "[]", "[]"), /eth0 has no IPv4 address/);
  });
});
