import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A mounted hierarchy: cgroup v1 has one for each controller (or a few), v2 a single one. */
export interface Hierarchy {
  readonly path: string;
  readonly version: 1 | 2;
  readonly controllers: readonly string[];
}

/** The hierarchies in /proc/self/mountinfo (proc_pid_mountinfo(5)). */
export function parseHierarchies(mountinfo: string): Hierarchy[] {
  return mountinfo.split("\n").flatMap((line): Hierarchy[] => {
    const [head = "", tail = ""] = line.split(" - ");
    const path = head.split(" ")[4] ?? "";
    const [type, , options = ""] = tail.split(" ");
    if (type === "cgroup2") return [{ path, version: 2, controllers: [] }];
    if (type !== "cgroup") return [];
    const flags = options
      .split(",")
      .filter((option) => !["rw", "ro", "xattr", "clone_children"].includes(option));
    return [{ path, version: 1, controllers: flags }];
  });
}

export async function hierarchies(): Promise<Hierarchy[]> {
  return parseHierarchies(await readFile("/proc/self/mountinfo", "utf8"));
}

/**
 * Makes the lab's own cgroup, under which the kubelet puts the pods, and the one for the lab's programs.
 * @returns the cgroup.procs files that a program of the lab enters
 */
export async function makeCgroups(name: string): Promise<string[]> {
  const all = await hierarchies();
  const usable = all.filter(({ version }) => version === 1 || all.length === 1);
  for (const { path, controllers } of usable) {
    for (const group of [join(path, name), join(path, name, "system")]) {
      await mkdir(group, { recursive: true });
      if (controllers.includes("cpuset")) await fillCpuset(group);
    }
  }
  return usable.map(({ path }) => join(path, name, "system", "cgroup.procs"));
}

/** A new v1 cpuset is empty, and takes no process until it is given processors and memory nodes. */
async function fillCpuset(group: string): Promise<void> {
  for (const file of ["cpuset.cpus", "cpuset.mems"]) {
    const own = (await readFile(join(group, file), "utf8")).trim();
    if (own !== "") continue;
    await writeFile(join(group, file), await readFile(join(group, "..", file), "utf8"));
  }
}

/** Removes the lab's cgroups; they must be empty of processes. */
export async function removeCgroups(name: string): Promise<void> {
  for (const { path } of await hierarchies()) await removeTree(join(path, name));
}

export async function cgroupsLeft(name: string): Promise<string[]> {
  return (await hierarchies()).map(({ path }) => join(path, name)).filter((path) => existsSync(path));
}

async function removeTree(group: string): Promise<void> {
  if (!existsSync(group)) return;
  for (const entry of await readdir(group, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeTree(join(group, entry.name));
  }
  await rmdir(group).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  });
}
