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

/** Those at the place where programs look for them; a chroot or a container may have more mounts of the same. */
export async function hierarchies(): Promise<Hierarchy[]> {
  const all = parseHierarchies(await readFile("/proc/self/mountinfo", "utf8"));
  return all.filter(({ path }) => path === "/sys/fs/cgroup" || path.startsWith("/sys/fs/cgroup/"));
}

/** The hierarchies that limit pods: with any of v1, a v2 one beside them has no controllers. */
export function limitingHierarchies(all: readonly Hierarchy[]): Hierarchy[] {
  const version = all.some((each) => each.version === 1) ? 1 : 2;
  return all.filter((each) => each.version === version);
}

/**
 * Makes the lab's own cgroup, under which the kubelet puts the pods, and the one for the lab's programs.
 * @returns the cgroup.procs files that a program of the lab enters
 */
export async function makeCgroups(name: string): Promise<string[]> {
  const usable = limitingHierarchies(await hierarchies());
  for (const { path, version, controllers } of usable) {
    const groups = [join(path, name), join(path, name, "system")];
    for (const group of groups) {
      await mkdir(group, { recursive: true });
      if (controllers.includes("cpuset")) await fillCpuset(group);
    }
    if (version === 2) for (const group of [path, join(path, name)]) await passOnControllers(group);
  }
  return usable.map(({ path }) => join(path, name, "system", "cgroup.procs"));
}

/** In v2 a group has the controllers that the one above passes on (kernel docs, cgroup-v2.rst). */
async function passOnControllers(group: string): Promise<void> {
  const available = (await readFile(join(group, "cgroup.controllers"), "utf8")).trim();
  const request = available.split(" ").map((name) => `+${name}`);
  await writeFile(join(group, "cgroup.subtree_control"), request.join(" "));
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
