import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, open, readdir, readFile, readlink, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { contentKey } from "../lib/cache.ts";
import type { Component } from "./components.ts";
import { namespacePath, type Settings } from "./settings.ts";
import { waitFor } from "./wait.ts";

/** What is remembered of a started program. */
interface Started {
  readonly pid: number;
  /** In ticks since boot: tells the process from a later one with the same number. */
  readonly startTime: string;
  /** Of everything that the program was started with. */
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

/** What decides whether a process is the lab's. */
export interface ProcessFacts {
  readonly pid: number;
  /** Of the network namespace: `net:[4026531840]`. */
  readonly namespace: string;
  /** /proc/PID/cgroup. */
  readonly cgroups: string;
}

/** What makes a process the lab's. */
export interface LabMarks {
  readonly namespaces: ReadonlySet<string>;
  readonly cgroup: string;
}

/**
 * Starts a component in the lab's network namespace and cgroup, unless it runs already with the same input.
 * It outlives this process.
 * @param inputs the content of the files that its arguments name
 */
export async function startComponent(
  settings: Settings,
  component: Component,
  groups: readonly string[],
  inputs: readonly string[] = [],
): Promise<void> {
  const key = contentKey(component.program, ...component.args, ...inputs);
  const before = await startedOf(settings, component.name);
  if (before !== undefined && (await isAlive(before))) {
    if (before.key === key) return;
    await stopComponent(settings, component);
  }
  const log = await openLog(settings, component.name);
  try {
    await mkdir(recordDir(settings), { recursive: true });
    const pid = await spawnDetached(settings, component, { groups, key, log: log.fd });
    const recorded = async (): Promise<boolean> => (await startedOf(settings, component.name))?.pid === pid;
    await waitFor(`the start of ${component.name}`, recorded, { seconds: 10 });
  } finally {
    await log.close();
  }
}

/** SIGTERM, then SIGKILL when the component's patience is over. */
export async function stopComponent(
  settings: Settings,
  { name, patience }: Pick<Component, "name" | "patience">,
): Promise<void> {
  const started = await startedOf(settings, name);
  if (started === undefined || !(await isAlive(started))) return;
  signal(started.pid, "SIGTERM");
  const gone = async (): Promise<boolean> => !(await isAlive(started));
  try {
    await waitFor(`the end of ${name}`, gone, { seconds: patience });
  } catch {
    signal(started.pid, "SIGKILL");
    await waitFor(`the end of ${name} (killed)`, gone, { seconds: 10 });
  }
}

/** When a component was started; 1970 when it never was. */
export async function startedAt(settings: Settings, name: string): Promise<Date> {
  return new Date((await startedOf(settings, name))?.startedAt ?? 0);
}

export async function isRunning(settings: Settings, name: string): Promise<boolean> {
  const started = await startedOf(settings, name);
  return started !== undefined && (await isAlive(started));
}

/**
 * Waits until a component answers; its early death is told at once, with the end of its log.
 */
export async function waitUntilServing(
  settings: Settings,
  name: string,
  serves: () => Promise<boolean>,
  seconds: number,
): Promise<void> {
  const check = async (): Promise<boolean> => {
    if (await serves()) return true;
    if (await isRunning(settings, name)) return false;
    throw new Error(`${name} has ended; its log ends with\n${await logTail(settings, name)}`);
  };
  const hint = async (): Promise<string> => `the log of ${name} ends with\n${await logTail(settings, name)}`;
  await waitFor(`${name} answering`, check, { seconds, hint });
}

/** Whether a process is one of the lab's: by its network namespace or its cgroup, never by its name. */
export function belongsToLab({ namespace, cgroups }: ProcessFacts, marks: LabMarks): boolean {
  if (marks.namespaces.has(namespace)) return true;
  return cgroups
    .split("\n")
    .map((line) => line.split(":").slice(2).join(":"))
    .some((path) => path === `/${marks.cgroup}` || path.startsWith(`/${marks.cgroup}/`));
}

/** Every process of the lab that lives, pods included. */
export async function labProcesses(marks: LabMarks): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const facts = await Promise.all(pids.map(factsOf));
  return facts
    .filter((each) => each !== undefined)
    .filter((each) => each.pid !== process.pid && belongsToLab(each, marks))
    .map(({ pid }) => pid);
}

/** Kills processes until none is left; they may fork while it does. */
export async function killAll(list: () => Promise<number[]>, seconds: number): Promise<void> {
  await waitFor(
    "the end of the lab's processes",
    async () => {
      const pids = await list();
      for (const pid of pids) signal(pid, "SIGKILL");
      return pids.length === 0;
    },
    { seconds, hint: async () => `still there: ${(await list()).join(" ")}` },
  );
}

/** `net:[inode]` of a namespace file, as /proc/PID/ns/net of its processes says. */
export async function namespaceId(path: string): Promise<string | undefined> {
  return existsSync(path) ? `net:[${(await stat(path)).ino}]` : undefined;
}

export function logFile(settings: Settings, name: string): string {
  return join(settings.stateDir, "logs", `${name}.log`);
}

async function logTail(settings: Settings, name: string): Promise<string> {
  const text = await readFile(logFile(settings, name), "utf8").catch(() => "");
  return text.trimEnd().split("\n").slice(-8).join("\n");
}

async function factsOf(pid: number): Promise<ProcessFacts | undefined> {
  try {
    const namespace = await readlink(`/proc/${pid}/ns/net`);
    return { pid, namespace, cgroups: await readFile(`/proc/${pid}/cgroup`, "utf8") };
  } catch {
    return undefined; // ended meanwhile, or a zombie
  }
}

/**
 * The process records itself before it becomes the program, so that one whose starter was killed is known as
 * well. Field 22 of its stat is the start time; the name in field 2 is `(sh)`, without blanks.
 */
const enterAndExecute = `
  record=$1 key=$2 procs=$3 net=$4
  shift 4
  read -r _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ start _ <"/proc/$$/stat"
  echo "{\\"pid\\":$$,\\"startTime\\":\\"$start\\",\\"key\\":\\"$key\\",\\"startedAt\\":$(date +%s)000}" >"$record.new" || exit 1
  mv "$record.new" "$record"
  for file in $procs; do echo $$ >"$file" || exit 1; done
  exec nsenter --net="$net" -- "$@"
`;

async function spawnDetached(
  settings: Settings,
  { name, program, args, environment }: Component,
  { groups, key, log }: { groups: readonly string[]; key: string; log: number },
): Promise<number> {
  const entry = [recordFile(settings, name), key, groups.join(" "), namespacePath(settings)];
  const child = spawn("/bin/sh", ["-c", enterAndExecute, "sh", ...entry, program, ...args], {
    cwd: "/",
    detached: true,
    stdio: ["ignore", log, log],
    env: {
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      HOME: "/root",
      ...environment,
    },
  });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.once("error", reject);
  child.once("spawn", () => {
    resolve(child.pid ?? 0);
  });
  const pid = await promise;
  child.unref();
  return pid;
}

async function openLog(settings: Settings, name: string): Promise<Awaited<ReturnType<typeof open>>> {
  const path = logFile(settings, name);
  await mkdir(join(settings.stateDir, "logs"), { recursive: true });
  if (existsSync(path)) await rename(path, `${path}.previous`);
  return open(path, "a");
}

async function startedOf(settings: Settings, name: string): Promise<Started | undefined> {
  const text = await readFile(recordFile(settings, name), "utf8").catch(() => undefined);
  return text === undefined || text === "" ? undefined : (JSON.parse(text) as Started);
}

async function isAlive({ pid, startTime }: Started): Promise<boolean> {
  return (await startTimeOf(pid)) === startTime;
}

/** Field 22 of /proc/PID/stat; undefined when the process is gone or a zombie. */
async function startTimeOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  return fields?.[0] === "Z" ? undefined : fields?.[19];
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function recordDir(settings: Settings): string {
  return join(settings.runDir, "processes");
}

function recordFile(settings: Settings, name: string): string {
  return join(recordDir(settings), `${name}.json`);
}
