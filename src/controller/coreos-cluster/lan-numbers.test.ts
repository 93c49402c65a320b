import assert from "node:assert/strict";
import { LAN_NUMBER_ANNOTATION } from "../../api/metadata.ts";
import type { ClusterSpec, ClusterStatus, CoreOSCluster, VirtualMachine } from "../../api/resources.ts";
import { membersOf } from "./plan.ts";

const meta = { namespace: "a", uid: "u", resourceVersion: "1", creationTimestamp: "2030-01-01T10:00:00Z" };
const version = { apiVersion: "nestlet.dev/v1alpha1" } as const;

function machine(name: string, number?: number | string): VirtualMachine {
  const annotations = number === undefined ? {} : { [LAN_NUMBER_ANNOTATION]: String(number) };
  return {
    ...version,
    kind: "VirtualMachine",
    metadata: { ...meta, name, annotations },
    spec: { template: { spec: { domain: {} } } },
  };
}

interface Given {
  workers?: number;
  /** Name of a pool: its replicas. */
  pools?: Record<string, number>;
  machines?: VirtualMachine[];
  recorded?: ClusterStatus["pools"];
}

/** `name number` of the members in their order. */
function numbers({ workers = 0, pools = {}, machines = [], recorded = [] }: Given): string[] {
  const spec: ClusterSpec = {
    workers: { replicas: workers },
    pools: Object.entries(pools).map(([name, replicas]) => ({ name, replicas })),
  };
  const cluster: CoreOSCluster = {
    ...version,
    kind: "CoreOSCluster",
    metadata: { ...meta, name: "lab" },
    spec,
    status: { pools: recorded },
  };
  return membersOf(cluster, machines, () => undefined)
    .filter(({ role }) => role === "Worker")
    .map(({ name, number }) => `${name.slice(4)} ${String(number ?? "none")}`);
}

describe("numbers of members on the LAN", () => {
  const cases: (Given & { title: string; are: string[] })[] = [
    { title: "follow from the names of default workers", workers: 2, are: ["node-0 2", "node-1 3"] },
    {
      title: "of pools come from the other end",
      workers: 1,
      pools: { fast: 2, big: 1 },
      are: ["node-0 2", "fast-0 250", "fast-1 249", "big-0 248"],
    },
    {
      title: "stay with their machines when pools before them grow or go",
      pools: { big: 1, fast: 2 },
      machines: [machine("lab-fast-0", 250), machine("lab-fast-1", 249), machine("lab-gone-0", 248)],
      are: ["big-0 247", "fast-0 250", "fast-1 249", "gone-0 248"],
    },
    {
      title: "are those that were recorded when a machine's successor comes",
      pools: { fast: 2 },
      machines: [machine("lab-fast-1", 249)],
      recorded: [{ name: "fast", lanNumbers: [240, 249] }],
      are: ["fast-0 240", "fast-1 249"],
    },
    {
      title: "of a pool's former members are left to them",
      pools: { big: 1, fast: 1 },
      recorded: [{ name: "fast", lanNumbers: [250, 249] }],
      are: ["big-0 248", "fast-0 250"],
    },
    {
      title: "of a pool that is gone are free",
      pools: { big: 1 },
      recorded: [{ name: "fast", lanNumbers: [250, 249] }],
      are: ["big-0 250"],
    },
    {
      title: "of a machine count more than what was recorded",
      pools: { fast: 1, big: 1 },
      machines: [machine("lab-fast-0", 250)],
      recorded: [{ name: "big", lanNumbers: [250] }],
      are: ["fast-0 250", "big-0 249"],
    },
    {
      title: "that nobody can have are not taken from anywhere",
      workers: 1,
      pools: { fast: 2 },
      machines: [machine("lab-node-0"), machine("lab-fast-0", "x"), machine("lab-fast-1", 1)],
      recorded: [{ name: "fast", lanNumbers: [0, 254] }],
      are: ["node-0 2", "fast-0 250", "fast-1 249"],
    },
    {
      title: "of a default worker give way to a pool's member that was there before",
      workers: 1,
      pools: { fast: 1 },
      machines: [machine("lab-fast-0", 2)],
      are: ["node-0 250", "fast-0 2"],
    },
  ];
  for (const { title, are, ...given } of cases) {
    it(title, () => {
      assert.deepEqual(numbers(given), are);
    });
  }

  it("are all different when all are used, those kept for former members too", () => {
    const recorded = [{ name: "fast", lanNumbers: [250, 249, 248] }];
    const all = numbers({ workers: 200, pools: { fast: 1, big: 48 }, recorded });
    const used = new Set(all.map((each) => Number(each.split(" ")[1])));
    assert.equal(used.size, 249);
    assert.deepEqual([Math.min(...used), Math.max(...used)], [2, 250]);
  });

  it("are not given while those that go have them all", () => {
    const going = Array.from({ length: 60 }, (_, index) => machine(`lab-old-${String(index)}`, 250 - index));
    const all = numbers({ workers: 189, pools: { big: 2 }, machines: going });
    assert.deepEqual(all.slice(189, 191), ["big-0 none", "big-1 none"]);
  });
});
