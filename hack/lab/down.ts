import { readdir, readFile, readlink, rm } from "node:fs/promises";
import { join } from "node:path";
import { run, succeeds } from "../lib/exec.ts";
import { removeCgroups } from "./cgroups.ts";
import { nodePaths } from "./config.ts";
import { giveBackHugePages } from "./huge-pages.ts";
import { parseMountPoints } from "./mounts.ts";
import { removeNetwork } from "./network.ts";
import { killAll, labProcesses, namespaceId, stopComponent, type LabMarks } from "./processes.ts";
import { namespacePath, nodeAt, type Node, type Settings } from "./settings.ts";
import { removeTraces } from "./traces.ts";

/**
 * Ends a lab, however much of it there is: processes, mounts, network, cgroups and whatever its programs put
 * outside its folders. What is in the state folder stays.
 */
export async function takeDown(settings: Settings): Promise<void> {
  const node = nodeAt(settings, 1);
  for (const component of stopOrder) await stopComponent(settings, component);
  const marks = await marksOf(settings, node);
  await killAll(async () => labProcesses(marks), 20);
  await unmountBelow([settings.runDir, settings.stateDir]);
  await giveBackHugePages(settings);
  await removeNetwork(settings);
  await removeCgroups(settings.name);
  await removeTraces(settings, node);
  await rm(settings.runDir, { recursive: true, force: true });
}

/** Also the data: the next `up` makes a new cluster. */
export async function removeState(settings: Settings): Promise<void> {
  await rm(settings.stateDir, { recursive: true, force: true });
}

/** No new pods first; the rest goes quickest when those who wait for others go before them. */
const stopOrder = [
  { name: "kubelet", patience: 2 },
  { name: "kube-proxy", patience: 1 },
  { name: "kube-scheduler", patience: 1 },
  { name: "kube-controller-manager", patience: 1 },
  { name: "kube-apiserver", patience: 3 },
  { name: "etcd", patience: 3 },
];

/** Processes live in the lab's namespace, in a pod's, or in a pod's cgroup. */
async function marksOf(settings: Settings, node: Node): Promise<LabMarks> {
  const pods = join(nodePaths(node).containerdState, "io.containerd.grpc.v1.cri/netns");
  const names = await readdir(pods).catch((): string[] => []);
  const paths = [namespacePath(settings), ...names.map((name) => join(pods, name))];
  const ids = await Promise.all(paths.map(namespaceId));
  const machine = await readlink("/proc/self/ns/net");
  const own = ids.filter((id) => id !== undefined).filter((id) => id !== machine);
  return { namespaces: new Set(own), cgroup: settings.name };
}

/** Innermost first; a mount over a mount needs a second round. */
async function unmountBelow(dirs: readonly string[]): Promise<void> {
  for (let round = 0; round < 5; round++) {
    const mounts = parseMountPoints(await readFile("/proc/self/mountinfo", "utf8"), dirs);
    if (mounts.length === 0) return;
    for (const mount of mounts) {
      if (!(await succeeds("umount", [mount]))) await run("umount", ["--lazy", mount]);
    }
  }
}
