// npm run bench:cluster: how long a nested cluster of one master and one worker takes from `kubectl apply` to Ready,
// against the same guests under qemu alone with kubeadm as it comes, one after the other on one machine. Needs the lab.
import { execa } from "execa";
import { join } from "node:path";
import { labStateDir } from "../../hack/lib/paths.ts";
import { Kubectl } from "../support/kubectl.ts";
import { smallCluster } from "../support/nested.ts";
import { Watcher } from "../support/watcher.ts";
import { bareCluster, READY_MARK } from "./bare-cluster.ts";
import { launcherImage } from "./launcher-image.ts";

const kubeconfig = process.env["KUBECONFIG"] ?? join(labStateDir, "kubeconfig");
const namespace = `bench-cluster-${String(process.pid)}`;
const kubectl = new Kubectl(kubeconfig, namespace);
const timeoutMs = 60 * 60_000;

interface Cluster {
  status?: { conditions?: { type: string; status: string }[] };
}

/** Seconds from `kubectl apply` until the master's console says that both Nodes are Ready. */
async function bare(): Promise<number> {
  const started = performance.now();
  await kubectl.apply(...bareCluster(await launcherImage(kubeconfig)));
  await kubectl.run(["wait", "--for=condition=Ready", "pod/bare", "--timeout=120s"]);
  const log = execa("kubectl", ["--kubeconfig", kubeconfig, "-n", namespace, "logs", "-f", "bare"], {
    timeout: timeoutMs,
    reject: false,
    buffer: false,
  });
  for await (const line of log) {
    if (!line.includes(READY_MARK)) continue;
    const seconds = (performance.now() - started) / 1000;
    log.kill();
    await kubectl.run(["delete", "pod", "bare", "--grace-period=0", "--force"]);
    return seconds;
  }
  throw new Error("the bare guests ended before their Nodes were Ready");
}

/** Seconds from `kubectl apply` until the cluster's condition Ready is True. */
async function nested(): Promise<number> {
  const path = `/apis/nestlet.dev/v1alpha1/namespaces/${namespace}/coreosclusters`;
  const watcher = await Watcher.start(kubeconfig, path);
  const isReady = ({ status }: Cluster): boolean =>
    status?.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True") ?? false;
  try {
    const ready = watcher.seen("lab", (_, object) => isReady(object), timeoutMs);
    const started = performance.now();
    await kubectl.apply(smallCluster("lab", 1));
    const seconds = ((await ready) - started) / 1000;
    await kubectl.run(["delete", "coreoscluster", "lab", "--timeout=300s"]);
    return seconds;
  } finally {
    watcher.stop();
  }
}

const labels = { "pod-security.kubernetes.io/enforce": "privileged" };
const root = new Kubectl(kubeconfig, "default");
await root.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } });
try {
  const yardstick = await bare();
  const ours = await nested();
  console.log("| | apply → both Nodes Ready |\n|---|---|");
  console.log(`| qemu and kubeadm alone | ${yardstick.toFixed(0)} s |`);
  console.log(`| CoreOSCluster | ${ours.toFixed(0)} s |`);
  console.log(`| ratio | ${(ours / yardstick).toFixed(2)} × |`);
} finally {
  await root.run(["delete", "namespace", namespace]);
}
