import { readdir, readFile } from "node:fs/promises";

/** Memory of a process in KiB; PSS counts each shared page by its share. */
export interface ProcessMemory {
  pid: number;
  name: string;
  rss: number;
  pss: number;
  anonymous: number;
}

/** The fields of /proc/PID/smaps_rollup (proc(5)) that the bench uses, in KiB. */
export function parseSmapsRollup(text: string): Pick<ProcessMemory, "rss" | "pss" | "anonymous"> {
  const field = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1] ?? 0);
  return { rss: field("Rss"), pss: field("Pss"), anonymous: field("Anonymous") };
}

/** Every process whose cgroup path holds the pod's UID: its containers' and its sandbox's. */
export async function processesOfPod(uid: string): Promise<ProcessMemory[]> {
  const marks = [uid, uid.replaceAll("-", "_")];
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => memoryOf(Number(pid), marks)));
  return found.filter((process) => process !== undefined);
}

async function memoryOf(pid: number, marks: readonly string[]): Promise<ProcessMemory | undefined> {
  try {
    const cgroup = await readFile(`/proc/${pid}/cgroup`, "utf8");
    if (!marks.some((mark) => cgroup.includes(mark))) return undefined;
    const name = (await readFile(`/proc/${pid}/comm`, "utf8")).trim();
    return { pid, name, ...parseSmapsRollup(await readFile(`/proc/${pid}/smaps_rollup`, "utf8")) };
  } catch {
    return undefined; // it ended while we looked
  }
}
