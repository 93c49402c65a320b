import assert from "node:assert/strict";
import { faults, type MachineFacts } from "./preflight.ts";
import { readSettings } from "./settings.ts";

const v1 = ["cpu", "cpuacct", "cpuset", "memory", "pids"];
const good: MachineFacts = {
  features: [{ name: "the kernel has no bridge", works: true, remedy: "modprobe bridge" }],
  hierarchies: [
    { path: "/sys/fs/cgroup", version: 2, controllers: ["cpu", "cpuset", "io", "memory", "pids"] },
  ],
  readOnlyHierarchies: [],
  routes: [{ destination: "192.0.2.0/24", device: "eth0" }],
  routes6: [
    { destination: "fe80::/64", device: "eth0" },
    { destination: "::1", device: "lo" },
  ],
  foreignNamespace: false,
  ownKubelet: false,
};
const settings = readSettings({}, true);

describe("preflight", () => {
  it("finds nothing on a machine that has everything", () => {
    assert.deepEqual(faults(good, settings), []);
  });

  it("accepts controllers of cgroup v1 on separate mounts, with an empty v2 hierarchy beside them", () => {
    const separate = v1.map((name) => ({
      path: `/sys/fs/cgroup/${name}`,
      version: 1 as const,
      controllers: [name],
    }));
    const unified = { path: "/sys/fs/cgroup/unified", version: 2 as const, controllers: [] };
    assert.deepEqual(faults({ ...good, hierarchies: [...separate, unified] }, settings), []);
  });

  for (const [what, change, message] of [
    [
      "a missing kernel feature",
      { features: [{ name: "no tun", works: false, remedy: "modprobe tun" }] },
      /^no tun: modprobe tun$/,
    ],
    ["no cgroups", { hierarchies: [] }, /mount -t cgroup2/],
    [
      "a missing v2 controller",
      { hierarchies: [{ path: "/c", version: 2, controllers: ["cpu", "memory"] }] },
      /controllers cpuset, pids are missing: .*subtree_control/,
    ],
    [
      "a missing v1 controller",
      { hierarchies: [{ path: "/c", version: 1, controllers: v1.slice(1) }] },
      /controllers cpu are missing: .*cgroup_enable/,
    ],
    ["a read-only hierarchy", { readOnlyHierarchies: ["/sys/fs/cgroup"] }, /remount,rw \/sys\/fs\/cgroup/],
    [
      "a route into the pods' range",
      { routes: [{ destination: "10.93.128.0/17", device: "tun0" }] },
      /NESTLET_LAB_PODS 10\.93\.0\.0\/16 overlaps the machine's route to 10\.93\.128\.0\/17 \(tun0\)/,
    ],
    [
      "an address in the nodes' range",
      { routes: [{ destination: "10.92.255.9", device: "eth0" }] },
      /NESTLET_LAB_NODES/,
    ],
    [
      "a route into the pods' IPv6 range",
      { routes6: [{ destination: "fd93:4e65:7374:8000::/49", device: "tun0" }] },
      /NESTLET_LAB_PODS6 fd93:4e65:7374::\/48 overlaps the machine's route to fd93\S+ \(tun0\): set/,
    ],
    ["a namespace of somebody else", { foreignNamespace: true }, /ip netns delete nestlet-lab/],
    ["a kubelet of the machine's own", { ownKubelet: true }, /up --kubeconfig FILE/],
  ] satisfies [string, Partial<MachineFacts>, RegExp][]) {
    it(`tells ${what}, and the remedy`, () => {
      const found = faults({ ...good, ...change }, settings);
      assert.equal(found.length, 1, found.join("\n"));
      assert.match(found[0] ?? "", message);
    });
  }

  it("tells all at once", () => {
    const routes = [{ destination: "10.0.0.0/8", device: "vpn0" }];
    assert.equal(faults({ ...good, hierarchies: [], routes }, settings).length, 4);
  });

  it("tells ranges of the lab that overlap each other", () => {
    const overlapping = readSettings({ NESTLET_LAB_SERVICES: "10.93.0.0/18" });
    assert.match(faults(good, overlapping)[0] ?? "", /NESTLET_LAB_PODS .* overlaps NESTLET_LAB_SERVICES/);
  });
});
