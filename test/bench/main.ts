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

interface Life {
  up: number;
  gone: number;
}

/**
 * Applies one object and deletes it when it has been up for a time; milliseconds from the start of kubectl until a
 * watch shows each end.
 */
async function life(subject: Subject, name: string, watchers: Watchers, dwellMs: number): Promise<Life> {
  const own = subject.resource === "pod" ? watchers.pods : watchers.instances;
  const up = own.seen(name, (_, object) => subject.up(object));
  const applied = performance.now();
  await kubectl.apply(subject.manifest(name));
  const upAt = await up;
  await pause(dwellMs);
  const podName = subject.resource === "pod" ? name : await podOf(name);
  const gone = watchers.pods.seen(podName, (change) => change === "DELETED");
  const deleted = performance.now();
  await kubectl.run(["delete", subject.resource, name, "--wait=false"]);
  return { up: upAt - applied, gone: (await gone) - deleted };
}

/** Lives of a plain pod and of an instance in turn. */
async function pairs(watchers: Watchers, dwellMs: number): Promise<{ plain: Life; machine: Life }[]> {
  const found: { plain: Life; machine: Life }[] = [];
  for (let run = 0; run <= runs; run++) {
    const name = `${String(dwellMs)}-${String(run)}`;
    const plain = await life(pod, `plain-${name}`, watchers, dwellMs);
    const machine = await life(vmi, `machine-${name}`, watchers, dwellMs);
    if (run > 0) found.push({ plain, machine }); // the first pair warms caches
  }
  return found;
}

const pause = async (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

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
  const settled = await pairs(watchers, 3000);
  const hasty = await pairs(watchers, 0);
  console.log(`## Time (${String(runs)} runs in turn, median (lowest–highest), kubectl itself included)\n`);
  console.log("| | plain pod | instance | ratio, pair by pair |\n|---|---|---|---|");
  const row = (title: string, found: readonly { plain: Life; machine: Life }[], of: keyof Life): void => {
    const ratio = spread(found.map(({ plain, machine }) => (1000 * machine[of]) / plain[of]));
    const cells = [
      inSeconds(spread(found.map(({ plain }) => plain[of]))),
      inSeconds(spread(found.map(({ machine }) => machine[of]))),
      inSeconds(ratio).replaceAll(" s", " ×"),
    ];
    console.log(`| ${title} | ${cells.join(" | ")} |`);
  };
  row("apply → up", [...settled, ...hasty], "up");
  row("delete after 3 s → pod gone", settled, "gone");
  row("delete at once → pod gone", hasty, "gone");
  console.log();
}

async function memory(count: number, watchers: Watchers): Promise<void> {
  const names = Array.from({ length: count }, (_, index) => `memory-${count}-${index}`);
  const started = performance.now();
  const running = names.map((name) =>
    watchers.instances.seen(name, (_, object) => isRunningInstance(object)),
  );
  await kubectl.apply(...names.map((name) => haltInstance(name)));
  const lastUp = Math.max(...(await Promise.all(running))) - started;
  await pause(3000); // until start-up garbage is collected
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
