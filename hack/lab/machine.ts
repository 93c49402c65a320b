import { constants, existsSync } from "node:fs";
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { run, succeeds } from "../lib/exec.ts";
import { hierarchies, type Hierarchy } from "./cgroups.ts";
import type { Feature, MachineFacts, Route } from "./preflight.ts";
import { linkNames, namespacePath, type Settings } from "./settings.ts";

/** Looks at the machine; changes nothing but that kernel modules may get loaded. */
export async function inspectMachine(settings: Settings): Promise<MachineFacts> {
  const [features, groups, routes, routes6] = await Promise.all([
    tryFeatures(),
    hierarchiesWithControllers(),
    machineRoutes(settings, "-4"),
    settings.podRange6 === undefined ? [] : machineRoutes(settings, "-6"),
  ]);
  const writable = await Promise.all(groups.map(async ({ path }) => isWritable(path)));
  return {
    features,
    hierarchies: groups,
    readOnlyHierarchies: groups.filter((_, index) => writable[index] === false).map(({ path }) => path),
    routes,
    routes6,
    foreignNamespace: existsSync(namespacePath(settings)) && !existsSync(settings.runDir),
    ownKubelet: existsSync("/var/lib/kubelet/pods"),
  };
}

/** A trial in a network namespace that goes with it. */
const trials = [
  { name: "bridge", command: "ip link add t0 type bridge" },
  { name: "veth", command: "ip link add t0 type veth peer name t1" },
  { name: "tun", command: "ip tuntap add t0 mode tap" },
  { name: "br_netfilter", command: "test -e /proc/sys/net/bridge/bridge-nf-call-iptables" },
  { name: "overlay", command: "grep -qw overlay /proc/filesystems" },
];

/** What kube-proxy writes, match by match. */
const iptablesTrial =
  "iptables -t nat -A POSTROUTING -m comment --comment t -m mark --mark 1 -j MASQUERADE --random-fully && " +
  "iptables -t nat -A PREROUTING -m statistic --mode random --probability 0.5 -m addrtype --dst-type LOCAL -j RETURN && " +
  "iptables -t filter -A FORWARD -m conntrack --ctstate INVALID -j DROP";

async function tryFeatures(): Promise<Feature[]> {
  await Promise.all(trials.map(({ name }) => succeeds("modprobe", ["-q", name])));
  const inNamespace = async (command: string): Promise<boolean> =>
    succeeds("unshare", ["--net", "sh", "-c", command]);
  const fromKernel = trials.map(async ({ name, command }): Promise<Feature> => ({
    name: `the kernel has no ${name}`,
    works: await inNamespace(command),
    remedy: `modprobe ${name}, or take a kernel with it (Debian's linux-image-amd64 has it)`,
  }));
  const iptables = async (): Promise<Feature> => ({
    name: "iptables cannot write kube-proxy's rules",
    works: await inNamespace(iptablesTrial),
    remedy: "take a kernel with nf_nat, nf_conntrack and xt_comment, xt_mark, xt_statistic, xt_addrtype",
  });
  return Promise.all([...fromKernel, iptables()]);
}

/** In v2 the controllers are named in a file, not by the mount. */
async function hierarchiesWithControllers(): Promise<Hierarchy[]> {
  return Promise.all(
    (await hierarchies()).map(async (each) => {
      if (each.version === 1) return each;
      const text = await readFile(join(each.path, "cgroup.controllers"), "utf8");
      return { ...each, controllers: text.trim().split(" ") };
    }),
  );
}

async function machineRoutes(settings: Settings, family: "-4" | "-6"): Promise<Route[]> {
  const text = await run("ip", ["-j", family, "route", "show", "table", "all"]);
  const own = linkNames(settings).machine;
  return (JSON.parse(text) as { dst: string; dev?: string; type?: string }[])
    .filter(({ dst, dev }) => dst !== "default" && dev !== own)
    .map(({ dst, dev, type }) => ({ destination: dst, device: dev ?? type ?? "no device" }));
}

async function isWritable(path: string): Promise<boolean> {
  return access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
}
