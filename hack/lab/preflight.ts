import { limitingHierarchies, type Hierarchy } from "./cgroups.ts";
import { overlap, parseRange } from "./ranges.ts";
import { overlap6, parseRange6 } from "./ranges6.ts";
import type { Settings } from "./settings.ts";

/** What the decision looks at. */
export interface MachineFacts {
  /** What was tried of the kernel, and how it went. */
  readonly features: readonly Feature[];
  readonly hierarchies: readonly Hierarchy[];
  /** Hierarchies in which no group can be made. */
  readonly readOnlyHierarchies: readonly string[];
  readonly routes: readonly Route[];
  readonly routes6: readonly Route[];
  /** A network namespace of the lab's name exists that is not of the lab in this run folder. */
  readonly foreignNamespace: boolean;
  /** The machine is a node of some cluster. */
  readonly ownKubelet: boolean;
}

/** Something the kernel must be able to do. */
export interface Feature {
  readonly name: string;
  readonly works: boolean;
  readonly remedy: string;
}

/** A route of the machine's own. */
export interface Route {
  /** `10.0.0.0/8`, or `10.0.0.1`; of IPv6 likewise. */
  readonly destination: string;
  readonly device: string;
}

/** The controllers that a kubelet limits pods with. */
const controllersNeeded = {
  1: ["cpu", "cpuacct", "cpuset", "memory", "pids"],
  2: ["cpu", "cpuset", "memory", "pids"],
};

/** All that keeps a lab from running on this machine, each with its remedy; empty when nothing does. */
export function faults(facts: MachineFacts, settings: Settings): string[] {
  return [
    ...facts.features.filter(({ works }) => !works).map(({ name, remedy }) => `${name}: ${remedy}`),
    ...cgroupFaults(facts),
    ...rangeFaults(facts.routes, settings),
    ...range6Faults(facts.routes6, settings),
    ...(facts.foreignNamespace ? [foreignNamespaceFault(settings)] : []),
    ...(facts.ownKubelet ? [ownKubeletFault] : []),
  ];
}

/** Where a kubelet's device plugins are is built in: a second kubelet would cut them off. */
const ownKubeletFault =
  "a kubelet has its data in /var/lib/kubelet: put Nestlet into that cluster with hack/lab.sh up --kubeconfig FILE, " +
  "or, if it is no more, remove /var/lib/kubelet";

function cgroupFaults({ hierarchies, readOnlyHierarchies }: MachineFacts): string[] {
  if (hierarchies.length === 0) return ["no cgroups are mounted: mount -t cgroup2 none /sys/fs/cgroup"];
  const limiting = limitingHierarchies(hierarchies);
  const version = limiting[0]?.version ?? 2;
  const present = new Set(limiting.flatMap((each) => each.controllers));
  const missing = controllersNeeded[version].filter((name) => !present.has(name));
  const how =
    version === 1
      ? "mount them below /sys/fs/cgroup, or boot with cgroup_enable=<name>"
      : "enable them in the cgroup.subtree_control of the groups above, or boot with cgroup_enable=<name>";
  return [
    ...(missing.length > 0 ? [`cgroup controllers ${missing.join(", ")} are missing: ${how}`] : []),
    ...readOnlyHierarchies.map(
      (path) => `${path} is read-only: remount it with mount -o remount,rw ${path}, or leave the container`,
    ),
  ];
}

function rangeFaults(routes: readonly Route[], settings: Settings): string[] {
  const ranges = [
    { variable: "NESTLET_LAB_PODS", range: settings.podRange },
    { variable: "NESTLET_LAB_SERVICES", range: settings.serviceRange },
    { variable: "NESTLET_LAB_NODES", range: settings.nodeRange },
  ];
  const own = ranges.flatMap(({ variable, range }, index) =>
    ranges
      .slice(index + 1)
      .filter((other) => overlap(parseRange(range), parseRange(other.range)))
      .map(
        (other) =>
          `${variable} ${range} overlaps ${other.variable} ${other.range}: set one of them to another range`,
      ),
  );
  const machines = ranges.flatMap(({ variable, range }) =>
    routes
      .filter(({ destination }) => overlap(parseRange(range), parseRange(destination)))
      .map(
        ({ destination, device }) =>
          `${variable} ${range} overlaps the machine's route to ${destination} (${device}): ` +
          `set ${variable} to a range that is free, like 10.201.0.0/16`,
      ),
  );
  return [...own, ...machines];
}

/** Of IPv6 the lab has one range. */
function range6Faults(routes: readonly Route[], { podRange6 }: Settings): string[] {
  if (podRange6 === undefined) return [];
  return routes
    .filter(({ destination }) => overlap6(parseRange6(podRange6), parseRange6(destination)))
    .map(
      ({ destination, device }) =>
        `NESTLET_LAB_PODS6 ${podRange6} overlaps the machine's route to ${destination} (${device}): ` +
        "set NESTLET_LAB_PODS6 to a range that is free, like fdc0:ffee:1::/48, or to nothing for pods without IPv6",
    );
}

function foreignNamespaceFault({ name, runDir }: Settings): string {
  return (
    `a network namespace ${name} exists that is not of the lab in ${runDir}: ` +
    `remove it with ip netns delete ${name}, or set NESTLET_LAB_NAME to another name`
  );
}
