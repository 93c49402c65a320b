// npm run bench:scale: what many virtual machines cost the controller and the API server. Needs no lab: a real API server,
// etcd and scheduler, and nodes that kwok plays. COUNT=1000 takes fewer than ten thousand. Prints Markdown for
// docs/performance.md.
import { setTimeout as sleep } from "node:timers/promises";
import { virtualMachineInstances } from "../../src/api/resources.ts";
import { launcherPodOf } from "../../src/controller/launcher-pod/pod.ts";
import { pods, type Draft, type Pod } from "../../src/kube/object.ts";
import { eventually } from "../integration/harness/cluster.ts";
import { tally } from "../integration/harness/audit.ts";
import { Fleet, inParallel, range } from "../integration/harness/fleet.ts";
import { costsOf, settled } from "../integration/harness/fleet-life.ts";
import { instance } from "../integration/harness/objects.ts";
import { storedInstance } from "../support/stored.ts";

const count = Number(process.env["COUNT"] ?? 10_000);
const few = 10;
const patienceMs = 3_600_000;
const idleMs = 60_000;

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
    await inParallel(range(0, count), async (index) => {
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

/** From the first instance asked for until the last one has its pod. */
async function instances(fleet: Fleet): Promise<number> {
  const tookMs = await timed(async () => {
    await inParallel(range(0, count), async (index) => {
      await fleet.client.create(virtualMachineInstances, instance(fleet.namespace, `one-${String(index)}`));
    });
    await eventually(
      "each has its pod",
      async () => ((await launched(fleet)) >= count ? true : undefined),
      patienceMs,
    );
  });
  await inParallel(await fleet.instances(), async ({ metadata }) => {
    await fleet.client.delete(virtualMachineInstances, metadata);
  });
  await fleet.gone(patienceMs);
  return tookMs;
}

async function launched(fleet: Fleet): Promise<number> {
  const lines = (await fleet.controller.get("/metrics")).split("\n");
  return lines
    .filter((line) => line.startsWith("nestlet_vmi_phase_count{") && !line.includes('phase="Pending"'))
    .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

async function memory(fleet: Fleet, what: string): Promise<void> {
  const mebibytes = (await fleet.metric("process_resident_memory_bytes")) / 2 ** 20;
  tell(`controller's memory, ${what}`, `${mebibytes.toFixed(0)} MiB`);
}

async function throughput(fleet: Fleet): Promise<void> {
  const bareMs = await bareClient(fleet);
  const ownMs = await instances(fleet);
  const rate = (ms: number): string => `${((1000 * count) / ms).toFixed(0)}/s`;
  tell("a bare client creates the same pods", rate(bareMs));
  tell(
    "instances created and launched",
    `${rate(ownMs)}, ${(bareMs / ownMs).toFixed(2)} of the bare client's`,
  );
}

async function idle(fleet: Fleet): Promise<void> {
  await settled(fleet);
  const mark = await fleet.mark();
  const before = await fleet.metric("process_cpu_seconds_total");
  await sleep(idleMs);
  const used = (await fleet.metric("process_cpu_seconds_total")) - before;
  tell("idle: processor time", `${((100_000 * used) / idleMs).toFixed(1)} % of a core`);
  const writes = (await fleet.ownWrites(mark)).length;
  tell("idle: writes in a minute, but for the Lease", String(writes));
}

async function restart(fleet: Fleet): Promise<void> {
  await fleet.controller.kill();
  const started = performance.now();
  await fleet.startController();
  tell("restart: caches complete after", seconds(performance.now() - started));
  const sample = 'controller_runtime_reconcile_time_seconds_count{controller="virtualmachineinstance"}';
  const seen = async (): Promise<true | undefined> =>
    (await fleet.metric(sample)) >= count ? true : undefined;
  await eventually("each has been looked at", seen, patienceMs);
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
  const writes = await fleet.ownWrites(mark);
  const costs = costsOf(writes, count);
  tell("own writes a life: instance and pod", costs.instance.toFixed(2));
  tell("own writes a life: machine", costs.machine.toFixed(2));
  tell("Events a life", costs.events.toFixed(2));
  console.error(tally(writes));
}

const fleet = await Fleet.start(50);
try {
  await fleet.startController();
  await memory(fleet, "none");
  await throughput(fleet);
  await fleet.controller.terminate();
  await fleet.startController();
  await machines(fleet);
} finally {
  await fleet.stop();
}
console.log(`| ${String(count)} machines | |\n| --- | --- |`);
for (const [what, figure] of rows) console.log(`| ${what} | ${figure} |`);
