import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { run } from "../lib/exec.ts";
import { repoRoot } from "../lib/paths.ts";
import { binDir } from "./config.ts";
import { kubectl } from "./kubectl.ts";
import type { Settings } from "./settings.ts";
import { waitFor } from "./wait.ts";

const name = "lab";
const manifest = "examples/cluster-small.yaml";
/** An emulated cluster takes five minutes on a machine that has nothing else to do. */
const readySeconds = 30 * 60;
/** Each look is a process of some 0.1 s, and the guests want the processors. */
const lookEveryMs = 5_000;

/** Brings the small example's cluster to Ready, saying what is being waited for, and shows its Nodes. */
export async function runClusterDemo(settings: Settings, print: (text: string) => void): Promise<void> {
  print(`\n$ kubectl apply -f ${manifest}`);
  print(await kubectl(settings, ["apply", "-f", join(repoRoot, manifest)]));
  print("\nA Kubernetes is set up in two emulated machines; on two processors that takes some minutes.");
  const started = Date.now();
  let told = "";
  const isReady = async (): Promise<boolean> => {
    const { ready, nextStep } = await stateOf(settings);
    if (nextStep !== told) print(`  ${secondsSince(started).toString().padStart(4)} s  ${nextStep}`);
    told = nextStep;
    return ready;
  };
  await waitFor(`Ready of cluster ${name}`, isReady, {
    seconds: readySeconds,
    everyMs: lookEveryMs,
    hint: async () => kubectl(settings, ["describe", "coreoscluster", name]),
  });
  print(`\n$ kubectl get coreosclusters\n${await kubectl(settings, ["get", "coreosclusters"])}`);
  const kubeconfig = await writeKubeconfig(settings);
  print(`\n$ kubectl --kubeconfig ${kubeconfig} get nodes,pods -A`);
  print(
    await run(join(binDir(settings), "kubectl"), ["--kubeconfig", kubeconfig, "get", "nodes,pods", "-A"]),
  );
}

interface Cluster {
  status?: { nextStep?: string; conditions?: { type: string; status: string }[] };
}

async function stateOf(settings: Settings): Promise<{ ready: boolean; nextStep: string }> {
  const text = await kubectl(settings, ["get", "coreoscluster", name, "-o=json"]);
  const { status = {} } = JSON.parse(text) as Cluster;
  const ready = status.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True");
  return { ready: ready ?? false, nextStep: status.nextStep ?? "waiting for the operator" };
}

/** The cluster's own kubeconfig, for this machine: it reaches the Service by its address and asks no DNS for it. */
async function writeKubeconfig(settings: Settings): Promise<string> {
  const data = await kubectl(settings, ["get", "secret", `${name}-kubeconfig`, "-o=jsonpath={.data.value}"]);
  const address = await kubectl(settings, ["get", "service", `${name}-api`, "-o=jsonpath={.spec.clusterIP}"]);
  const config = parse(Buffer.from(data, "base64").toString()) as {
    clusters: { cluster: Record<string, string> }[];
  };
  for (const { cluster } of config.clusters) {
    cluster["server"] = `https://${address}:6443`;
    // One of the names in the API server's certificate.
    cluster["tls-server-name"] = "kubernetes";
  }
  const folder = join(settings.stateDir, "clusters");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${name}.kubeconfig`);
  await writeFile(path, stringify(config), { mode: 0o600 });
  return path;
}

function secondsSince(time: number): number {
  return Math.round((Date.now() - time) / 1000);
}
