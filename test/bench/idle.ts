// npm run bench:idle: what the members of a nested cluster take of the processor when nobody asks anything of them, by
// minutes since the cluster was Ready. Needs the lab, and a machine with nothing else to do. AT (3,5,10,20,30) are the
// minutes at which readings begin, of a minute each; SPEC is JSON that is added to the cluster's spec.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { labStateDir } from "../../hack/lib/paths.ts";
import { Kubectl } from "../support/kubectl.ts";
import { smallCluster, untilReady } from "../support/nested.ts";
import { cores, readings, type Reading } from "./processor-time.ts";

const kubeconfig = process.env["KUBECONFIG"] ?? join(labStateDir, "kubeconfig");
const namespace = `bench-idle-${String(process.pid)}`;
const root = new Kubectl(kubeconfig, "default");
const kubectl = new Kubectl(kubeconfig, namespace);
const minutes = (process.env["AT"] ?? "3,5,10,20,30").split(",").map(Number);
if (minutes.some((minute) => !(minute >= 0)))
  throw new Error("AT is not a list of minutes; give one, such as 3,5,10");
const spec = JSON.parse(process.env["SPEC"] ?? "{}") as object;
const READING_MS = 60_000;

async function look(): Promise<Map<string, Reading>> {
  const all = new Map<string, Reading>();
  for (const { metadata } of await root.list<{ metadata: { name: string } }>("nodes")) {
    const summary = await root.run(["get", "--raw", `/api/v1/nodes/${metadata.name}/proxy/stats/summary`]);
    for (const [pod, reading] of readings(summary, namespace)) all.set(pod, reading);
  }
  return all;
}

/** Cores that each member's pod has used in the next minute. */
async function reading(): Promise<Map<string, number>> {
  const before = await look();
  await sleep(READING_MS);
  const after = await look();
  const used = [...after].flatMap(([pod, end]) => {
    const start = before.get(pod);
    return start === undefined ? [] : [[pod, cores(start, end)] as const];
  });
  return new Map(used.sort(([a], [b]) => a.localeCompare(b)));
}

async function untilMinute(minute: number, readyAt: number): Promise<void> {
  await sleep(Math.max(0, readyAt + minute * 60_000 - performance.now()));
}

const labels = { "pod-security.kubernetes.io/enforce": "privileged" };
await root.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } });
try {
  await kubectl.apply(smallCluster("lab", 1, spec));
  await untilReady(kubectl, "lab", 1);
  const readyAt = performance.now();
  for (const minute of minutes.toSorted((a, b) => a - b)) {
    await untilMinute(minute, readyAt);
    const used = [...(await reading())].map(([pod, value]) => `${pod} ${value.toFixed(2)}`);
    console.log(`${String(minute)} minutes after Ready: ${used.join(", ")}`);
  }
} finally {
  await root.run(["delete", "namespace", namespace]);
}
