import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildBinaries } from "../../../hack/lab/binaries.ts";
import { removeScratch, scratchFolder, spawnChild, withGoMemory } from "./children.ts";
import { eventually, type Cluster } from "./cluster.ts";

/** Nodes without machines: a real scheduler binds pods to them, kwok says of each pod what its kubelet would. */
export interface KwokNodes {
  stop(): Promise<void>;
}

interface Node {
  status?: { conditions?: { type: string; status: string }[] };
}

/** @param goMemory as withGoMemory, for the scheduler and kwok each */
export async function startKwokNodes(cluster: Cluster, count: number, goMemory: string): Promise<KwokNodes> {
  const binaries = await buildBinaries(undefined, ["kube-scheduler", "kwok"]);
  const dir = await scratchFolder("kwok");
  const { kubeconfig } = cluster.server;
  await writeFile(join(dir, "scheduler.json"), JSON.stringify(schedulerConfig(kubeconfig)));
  const log = openSync(join(dir, "log"), "a");
  const launch = (program: string, args: readonly string[]): ChildProcess =>
    spawnChild(program, args, ["ignore", log, log], withGoMemory(goMemory));
  const children = [
    launch(binaries["kube-scheduler"], [`--config=${join(dir, "scheduler.json")}`, "--secure-port=0"]),
    launch(binaries.kwok, [
      `--kubeconfig=${kubeconfig}`,
      `--config=${join(import.meta.dirname, "launcher-stages.yaml")}`,
      "--manage-all-nodes=true",
      "--node-lease-duration-seconds=0",
      "--cidr=10.64.0.1/10",
    ]),
  ];
  const stop = async (): Promise<void> => {
    await Promise.all(children.map(end));
    removeScratch(dir);
  };
  try {
    for (let index = 0; index < count; index++) await addNode(cluster, `kwok-${String(index)}`);
  } catch (error) {
    const last = (await readFile(join(dir, "log"), "utf8")).split("\n").slice(-15).join("\n");
    await stop();
    throw new Error(`kwok's nodes do not become Ready:\n${last}`, { cause: error });
  }
  return { stop };
}

async function addNode({ client }: Cluster, name: string): Promise<void> {
  // As a kubelet labels its own: what is to be spread over nodes is spread by it.
  const metadata = { name, labels: { "kubernetes.io/hostname": name } };
  await client.call("POST", "/api/v1/nodes", { apiVersion: "v1", kind: "Node", metadata });
  const path = `/api/v1/nodes/${name}`;
  await eventually(`node ${name} is Ready`, async () => {
    const { status } = await client.call<Node>("GET", path);
    return status?.conditions?.some((one) => one.type === "Ready" && one.status === "True")
      ? true
      : undefined;
  });
  // A new node is tainted as not ready, and the controller that would take the taint away does not run here.
  await client.call("PATCH", path, { spec: { taints: null } });
}

/** As fast as it can: what is measured is not the scheduler's own limit of requests. */
function schedulerConfig(kubeconfig: string): object {
  return {
    apiVersion: "kubescheduler.config.k8s.io/v1",
    kind: "KubeSchedulerConfiguration",
    clientConnection: { kubeconfig, qps: 5000, burst: 5000 },
    leaderElection: { leaderElect: false },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}
