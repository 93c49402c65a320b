// npm run bench: how long a VirtualMachineInstance takes against a plain pod, in one run on one cluster, and
// what its launcher holds in memory. Needs the lab (hack/lab.sh up); prints Markdown for docs/performance.md.
import { join } from "node:path";
import { labStateDir } from "../../hack/lib/paths.ts";
import { Kubectl } from "../support/kubectl.ts";
import { Watcher } from "../support/watcher.ts";
import { processesOfPod, type ProcessMemory } from "../support/processes.ts";
import { isReadyPod, isRunningInstance, haltInstance, pausePod } from "./objects.ts";
import { inSeconds, spread } from "./statistics.ts";

const kubeconfig = process.env["KUBECONFIG"] ?? join(labStateDir, "kubeconfig");
const namespace = `bench-${process.pid}`;
const runs = Number(process.env["RUNS"] ?? 10);
const kubectl = new Kubectl(kubeconfig, namespace);

interface Subject {
  resource: "pod" | "vmi";
  manifest: (name: string) => object;
  up: (object: Record<string, unknown>) => boolean;
}

const pod: Subject = { resource: "pod", manifest: pausePod, up: isReadyPod };
const vmi: Subject = { resource: "vmi", manifest: haltInstance, up: isRunningInstance };

interface Watchers {
  pods: Watcher;
  instances: Watcher;
}

/** Applies and deletes one object; milliseconds from the start of kubectl until a watch shows each end. */
async function life(
  subject: Subject,
  name: string,
  watchers: Watchers,
): Promise<{ up: number; gone: number }> {
  const own = subject.resource === "pod" ? watchers.pods : watchers.instances;
  const up = own.seen(name, (_, object) => subject.up(object));
  const applied = performance.now();
  await kubectl.apply(subject.manifest(name));
  const upAt = await up;
  const podName = subject.resource === "pod" ? name : await podOf(name);
  const gone = watchers.pods.seen(podName, (change) => change === "DELETED");
  const deleted = performance.now();
  await kubectl.run(["delete", subject.resource, name, "--wait=false"]);
  return { up: upAt - applied, gone: (await gone) - deleted };
}

async function podOf(instance: string): Promise<string> {
  return (await launcherPod(instance)).metadata.name;
}

interface Pod {
  metadata: { name: string; uid: string };
}

async function launcherPod(instance: string): Promise<Pod> {
  const selector = `nestlet.dev/virtual-machine-instance=${instance}`;
  const [found] = await kubectl.list<Pod>("pods", "-l", selector);
  if (found === undefined) throw new Error(`no pod has the label ${selector}`);
  return found;
}

async function times(watchers: Watchers): Promise<void> {
  const plain: { up: number; gone: number }[] = [];
  const machine: { up: number; gone: number }[] = [];
  for (let run = 0; run <= runs; run++) {
    const pair = [
      await life(pod, `plain-${run}`, watchers),
      await life(vmi, `machine-${run}`, watchers),
    ] as const;
    if (run === 0) continue; // the first pair warms caches
    plain.push(pair[0]);
    machine.push(pair[1]);
  }
  const ratio = spread(machine.map(({ up }, index) => (1000 * up) / (plain[index]?.up ?? NaN)));
  console.log(`## Time (${runs} runs in turn, median (lowest–highest), kubectl itself included)\n`);
  console.log("| | apply → up | delete → pod gone |\n|---|---|---|");
  console.log(
    `| plain pod | ${inSeconds(spread(plain.map((r) => r.up)))} | ${inSeconds(spread(plain.map((r) => r.gone)))} |`,
  );
  console.log(
    `| instance | ${inSeconds(spread(machine.map((r) => r.up)))} | ${inSeconds(spread(machine.map((r) => r.gone)))} |`,
  );
  console.log(`| ratio, pair by pair | ${inSeconds(ratio).replaceAll(" s", " ×")} | |\n`);
}

async function memory(count: number, watchers: Watchers): Promise<void> {
  const names = Array.from({ length: count }, (_, index) => `memory-${count}-${index}`);
  const started = performance.now();
  const running = names.map((name) =>
    watchers.instances.seen(name, (_, object) => isRunningInstance(object)),
  );
  await kubectl.apply(...names.map((name) => haltInstance(name)));
  const lastUp = Math.max(...(await Promise.all(running))) - started;
  await new Promise((resolve) => setTimeout(resolve, 3000)); // until start-up garbage is collected
  const pods = await Promise.all(names.map((name) => launcherPod(name)));
  const processes = await Promise.all(pods.map(({ metadata }) => processesOfPod(metadata.uid)));
  const gone = pods.map(({ metadata }) =>
    watchers.pods.seen(metadata.name, (change) => change === "DELETED"),
  );
  const deleted = performance.now();
  await kubectl.run(["delete", "vmi", "--wait=false", ...names]);
  const lastGone = Math.max(...(await Promise.all(gone))) - deleted;
  console.log(
    `## ${count} at once: last Running ${(lastUp / 1000).toFixed(2)} s, last pod gone ${(lastGone / 1000).toFixed(2)} s\n`,
  );
  printMemory(processes);
}

function printMemory(pods: readonly ProcessMemory[][]): void {
  const mebibytes = (kibibytes: number): string => (kibibytes / 1024 / pods.length).toFixed(1);
  const all = pods.flat();
  const row = (title: string, of: readonly ProcessMemory[]): void => {
    const sum = (field: "rss" | "pss" | "anonymous"): string =>
      mebibytes(of.reduce((total, p) => total + p[field], 0));
    console.log(`| ${title} | ${sum("rss")} | ${sum("pss")} | ${sum("anonymous")} |`);
  };
  console.log("| process, MiB a pod | RSS | PSS | anonymous |\n|---|---|---|---|");
  for (const name of new Set(all.map((process) => process.name)))
    row(
      name,
      all.filter((p) => p.name === name),
    );
  row(
    "**sum without qemu**",
    all.filter((p) => !p.name.startsWith("qemu")),
  );
  console.log();
}

await new Kubectl(kubeconfig, "default").apply({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name: namespace },
});
const watchers: Watchers = {
  pods: await Watcher.start(kubeconfig, `/api/v1/namespaces/${namespace}/pods`),
  instances: await Watcher.start(
    kubeconfig,
    `/apis/nestlet.dev/v1alpha1/namespaces/${namespace}/virtualmachineinstances`,
  ),
};
try {
  await times(watchers);
  await memory(1, watchers);
  await memory(5, watchers);
} finally {
  watchers.pods.stop();
  watchers.instances.stop();
  await new Kubectl(kubeconfig, "default").run(["delete", "namespace", namespace]);
}
