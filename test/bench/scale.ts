// npm run bench:scale: what many virtual machines cost the controller and the API server. Needs no lab: a real API server,
// etcd and scheduler, and nodes that kwok plays; the controller is the one file that its image has. COUNT=1000 takes fewer
// than ten thousand machines, BURST as many instances for the throughput. Prints Markdown for docs/performance.md.
// An hour on two cores, 12 GiB of memory and 10 GiB below the temporary folder.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CONTROLLER_NODE } from "../../hack/images/controller.ts";
import { bundle } from "../../hack/images/node.ts";
import { virtualMachineInstances } from "../../src/api/resources.ts";
import { launcherPodOf } from "../../src/controller/launcher-pod/pod.ts";
import { pods, type Draft, type Pod } from "../../src/kube/object.ts";
import { tally } from "../integration/harness/audit.ts";
import { removeScratch, scratchFolder } from "../integration/harness/children.ts";
import { Fleet, inParallel, range } from "../integration/harness/fleet.ts";
import { costsOf, settled } from "../integration/harness/fleet-life.ts";
import { instance } from "../integration/harness/objects.ts";
import { storedInstance } from "../support/stored.ts";

const count = Number(process.env["COUNT"] ?? 10_000);
/** A rate shows within as many; ten thousand would take another half an hour to make and remove. */
const burst = Number(process.env["BURST"] ?? Math.min(count, 2_000));
const few = 10;
const patienceMs = 3_600_000;
const idleMs = 60_000;

/** What Node gives itself where a pod may have 512 MiB, as the chart's. */
const HEAP = ["--max-old-space-size=256"];

const cpuSeconds = "process_cpu_seconds_total";
const requestsTotal = "rest_client_requests_total{";

const rows: [string, string][] = [];

function tell(what: string, figure: string): void {
  console.error(`${what}: ${figure}`);
  rows.push([what, figure]);
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** Creates the pods that the controller would, with nobody between, and removes them. */
async function bareClient(fleet: Fleet): Promise<number> {
  const tookMs = await timed(async () => {
    await inParallel(range(0, burst), async (index) => {
      await fleet.client.create(pods, barePod(fleet.namespace, index));
    });
  });
  await inParallel(await fleet.pods(), async ({ metadata }) => {
    await fleet.client.delete(pods, metadata, { gracePeriodSeconds: 0 });
  });
  await fleet.gone(patienceMs);
  return tookMs;
}

function barePod(namespace: string, index: number): Draft<Pod> {
  const name = `bare-${String(index)}`;
  const owner = storedInstance({}, undefined, { namespace, name });
  const { metadata, spec } = launcherPodOf(owner, { image: "nestlet.dev/launcher:test" }, new Map());
  const { labels = {}, annotations = {} } = metadata;
  return { metadata: { namespace, name, labels, annotations }, spec };
}

/** From the first instance asked for until the last one has its pod; and the controller's processor time until then. */
async function instances(fleet: Fleet): Promise<{ tookMs: number; cpuMs: number }> {
  const before = await fleet.metric(cpuSeconds);
  const tookMs = await timed(async () => {
    await inParallel(range(0, burst), async (index) => {
      await fleet.client.create(virtualMachineInstances, instance(fleet.namespace, `one-${String(index)}`));
    });
    const all = async (): Promise<true | undefined> => ((await launched(fleet)) >= burst ? true : undefined);
    await fleet.until("each has its pod", all, patienceMs);
  });
  const cpuMs = 1000 * ((await fleet.metric(cpuSeconds)) - before);
  await inParallel(await fleet.instances(), async ({ metadata }) => {
    await fleet.client.delete(virtualMachineInstances, metadata);
  });
  await fleet.gone(patienceMs);
  return { tookMs, cpuMs };
}

async function launched(fleet: Fleet): Promise<number> {
  const lines = (await fleet.controller.get("/metrics")).split("\n");
  return lines
    .filter((line) => line.startsWith("nestlet_vmi_phase_count{") && !line.includes('phase="Pending"'))
    .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

/** The whole, and what is the controller's alone: the rest is Node's program, which a node has once for all. */
async function memory(fleet: Fleet, what: string): Promise<void> {
  const status = await readFile(`/proc/${String(fleet.controller.pid)}/status`, "utf8");
  const mebibytes = (field: string): string =>
    (Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1024).toFixed(0);
  tell(`controller's memory, ${what}`, `${mebibytes("VmRSS")} MiB, ${mebibytes("RssAnon")} of it anonymous`);
}

async function throughput(fleet: Fleet): Promise<void> {
  const bareMs = await bareClient(fleet);
  const { tookMs, cpuMs } = await instances(fleet);
  const rate = (ms: number): string => `${((1000 * burst) / ms).toFixed(1)}/s`;
  tell(`a bare client creates the pods of ${String(burst)} instances`, rate(bareMs));
  tell(
    `${String(burst)} instances created and launched`,
    `${rate(tookMs)}, ${(bareMs / tookMs).toFixed(2)} of the bare client's`,
  );
  tell(
    "controller's processor time an instance launched",
    `${(cpuMs / burst).toFixed(1)} ms: alone on a core it would launch ${rate(cpuMs)}`,
  );
}

async function idle(fleet: Fleet): Promise<void> {
  await settled(fleet);
  const mark = await fleet.mark();
  const before = await fleet.metric(cpuSeconds);
  const requests = await fleet.sum(requestsTotal);
  await sleep(idleMs);
  const used = (await fleet.metric(cpuSeconds)) - before;
  tell("idle: processor time", `${((100_000 * used) / idleMs).toFixed(1)} % of a core`);
  const asked = (await fleet.sum(requestsTotal)) - requests;
  tell("idle: requests in a minute, of which the Lease takes 30", String(asked));
  const writes = (await fleet.ownWrites(mark)).length;
  tell("idle: writes in a minute, but for the Lease", String(writes));
}

async function restart(fleet: Fleet): Promise<void> {
  await fleet.controller.kill();
  const started = performance.now();
  await fleet.startController();
  tell("restart: caches complete after", seconds(performance.now() - started));
  const looked = async (kind: string): Promise<boolean> =>
    (await fleet.metric(`controller_runtime_reconcile_time_seconds_count{controller="${kind}"}`)) >= count;
  const seen = async (): Promise<true | undefined> =>
    (await looked("virtualmachine")) && (await looked("virtualmachineinstance")) ? true : undefined;
  await fleet.until("each has been looked at", seen, patienceMs);
  tell(
    "restart after a kill: all looked at after (the killed one's Lease expires after 15 s)",
    seconds(performance.now() - started),
  );
}

async function machines(fleet: Fleet): Promise<void> {
  const mark = await fleet.mark();
  await fleet.create(0, few);
  await fleet.running(few, patienceMs);
  await memory(fleet, `${String(few)} machines`);
  const upMs = await timed(async () => {
    await fleet.create(few, count);
    await fleet.running(count, patienceMs);
  });
  tell(`${String(count)} machines: asked for until all Running`, seconds(upMs));
  await memory(fleet, `${String(count)} machines, just started`);
  await idle(fleet);
  await memory(fleet, `${String(count)} machines, idle`);
  await restart(fleet);
  await settled(fleet);
  await memory(fleet, `${String(count)} machines, started anew`);
  const downMs = await timed(async () => {
    await fleet.remove(0, count);
    await fleet.gone(patienceMs);
  });
  tell(`${String(count)} machines: deleted until nothing is left`, seconds(downMs));
  await tellWrites(fleet, mark);
}

async function tellWrites(fleet: Fleet, mark: number): Promise<void> {
  const own = await fleet.ownWrites(mark);
  const costs = costsOf(own, count);
  tell("own writes a life: instance and pod", costs.instance.toFixed(2));
  tell("own writes a life: machine", costs.machine.toFixed(2));
  tell("own Events a life", costs.events.toFixed(2));
  const everyones = (await fleet.writes(mark)).filter(
    ({ agent, resource }) => agent !== "test" && resource !== "leases",
  );
  const events = everyones.filter(({ resource }) => resource === "events").length;
  tell(
    "everyone's writes a life, with scheduler and kubelet",
    ((everyones.length - events) / count).toFixed(2),
  );
  tell("everyone's Events a life; kwok's kubelet tells none", (events / count).toFixed(2));
  console.error(tally(own));
}

async function measure(program: string): Promise<void> {
  const fleet = await Fleet.start({
    nodes: 50,
    goMemory: "4GiB",
    program: {
      args: [...CONTROLLER_NODE.flags, ...HEAP, program],
      environment: CONTROLLER_NODE.environment,
    },
  });
  try {
    await fleet.startController();
    await memory(fleet, "no machine");
    await throughput(fleet);
    await fleet.controller.terminate();
    await fleet.startController();
    await machines(fleet);
  } finally {
    await fleet.stop();
  }
}

const scratch = await scratchFolder("controller");
try {
  const program = join(scratch, "controller.mjs");
  await writeFile(program, await bundle("src/controller/main.ts"));
  await measure(program);
} finally {
  removeScratch(scratch);
}
console.log(`| ${String(count)} machines | |\n| --- | --- |`);
for (const [what, figure] of rows) console.log(`| ${what} | ${figure} |`);
