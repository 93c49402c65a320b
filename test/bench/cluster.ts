// npm run bench:cluster: how long a nested cluster of one master and one worker takes from `kubectl apply` to Ready,
// against the same guests under qemu alone with kubeadm as it comes, one after the other on one machine (see
// bare-cluster.ts for what is not as it comes); and what both guests together take of the processor three minutes later,
// when nobody asks anything of them. Needs the lab. The yardstick gets LIMIT_MINUTES (30) and is a bound if they are not
// enough.
import { execa } from "execa";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { labStateDir } from "../../hack/lib/paths.ts";
import { Kubectl } from "../support/kubectl.ts";
import { smallCluster } from "../support/nested.ts";
import { bareCluster, MARKS, WORKER_CONSOLE } from "./bare-cluster.ts";
import { launcherImage } from "./launcher-image.ts";
import { usedInAMinute } from "./processor-time.ts";
import { comparison, note, type Progress, type Settled } from "./yardstick.ts";

const kubeconfig = process.env["KUBECONFIG"] ?? join(labStateDir, "kubeconfig");
const namespace = `bench-cluster-${String(process.pid)}`;
const kubectl = new Kubectl(kubeconfig, namespace);
const limitSeconds = Number(process.env["LIMIT_MINUTES"] ?? "30") * 60;
if (!(limitSeconds > 0)) throw new Error("LIMIT_MINUTES is not a number of minutes; give one, such as 30");

/** How far the bare guests come within the limit. */
async function bare(): Promise<Progress> {
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  await kubectl.apply(...bareCluster(await launcherImage(kubeconfig)));
  await kubectl.run(["wait", "--for=condition=Ready", "pod/bare", "--timeout=120s"]);
  const progress: Progress = {};
  while (progress.ready === undefined && seconds() < limitSeconds) {
    await follow(progress, seconds);
    const pod = await kubectl.get<{ status?: { phase?: string } }>("pod", "bare");
    if (pod.status?.phase !== "Running") throw new Error(`the bare guests ended:\n${await lastWords()}`);
    await sleep(1000);
  }
  if (progress.ready === undefined) console.error(await lastWords());
  else progress.idleCores = await settled();
  await kubectl.run(["delete", "pod", "bare", "--grace-period=0", "--force"]);
  return progress;
}

/** Cores that all guests together take in a minute, when they have settled. */
async function settled(): Promise<number> {
  await sleep(3 * 60_000);
  return [...(await usedInAMinute(kubectl)).values()].reduce((sum, used) => sum + used, 0);
}

/** Reads the master's console until it says that all is done, the time is up, or the stream breaks off. */
async function follow(progress: Progress, seconds: () => number): Promise<void> {
  const log = execa("kubectl", ["--kubeconfig", kubeconfig, "-n", namespace, "logs", "-f", "bare"], {
    timeout: Math.max(1, Math.round((limitSeconds - seconds()) * 1000)),
    reject: false,
    buffer: false,
  });
  for await (const line of log) {
    note(progress, MARKS, line, seconds());
    if (progress.ready !== undefined) log.kill();
  }
}

/** The ends of both consoles, where kubeadm says what it waits for. */
async function lastWords(): Promise<string> {
  const [ofMaster, ofWorker] = await Promise.all([
    kubectl.try(["logs", "bare", "--tail=20"]),
    kubectl.try(["exec", "bare", "--", "tail", "-n", "20", WORKER_CONSOLE]),
  ]);
  return `master:\n${ofMaster.output}\nworker:\n${ofWorker.output}`;
}

/** From `kubectl apply` until the cluster's condition Ready is True. */
async function nested(): Promise<Settled> {
  const started = performance.now();
  await kubectl.apply(smallCluster("lab", 1));
  await kubectl.run(["wait", "--for=condition=Ready", "coreoscluster/lab", "--timeout=60m"]);
  const ready = (performance.now() - started) / 1000;
  const idleCores = await settled();
  await kubectl.run(["delete", "coreoscluster", "lab", "--timeout=300s"]);
  return { ready, idleCores };
}

const labels = { "pod-security.kubernetes.io/enforce": "privileged" };
const root = new Kubectl(kubeconfig, "default");
await root.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } });
try {
  const yardstick = await bare();
  console.log(`qemu and kubeadm alone: ${JSON.stringify(yardstick)}`);
  const ours = await nested();
  for (const line of comparison(yardstick, limitSeconds, ours)) console.log(line);
} finally {
  await root.run(["delete", "namespace", namespace]);
}
