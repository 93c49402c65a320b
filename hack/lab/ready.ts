import { Resolver } from "node:dns/promises";
import { kubectl } from "./kubectl.ts";
import { startedAt } from "./processes.ts";
import { addressAt } from "./ranges.ts";
import { dnsAddress, type Node, type Settings } from "./settings.ts";
import { waitFor } from "./wait.ts";

/**
 * Waits until the cluster can run pods. What the API server remembers of a former run of the lab does not count:
 * the node's heartbeat has to be of this kubelet, and a name has to be resolved.
 */
export async function waitForCluster(settings: Settings, node: Node): Promise<void> {
  const hint = async (): Promise<string> => kubectl(settings, ["get", "nodes,pods", "--all-namespaces"]);
  await Promise.all([
    waitFor(`Ready of node ${node.name}`, async () => nodeIsReady(settings, node), { seconds: 120, hint }),
    waitFor("an answer of the cluster's DNS", async () => dnsAnswers(settings), { seconds: 120, hint }),
    // Pods of a namespace can be made only when the controllers have given it an account.
    kubectl(settings, ["wait", "--timeout=120s", "--for=create", "serviceaccount/default"]),
  ]);
}

interface Condition {
  readonly type: string;
  readonly status: string;
  /** RFC 3339, whole seconds. */
  readonly lastHeartbeatTime: string;
}

/** Whether a node's conditions say Ready, in a heartbeat that is not older than its kubelet. */
export function isReadySince(conditions: readonly Condition[], kubeletStart: Date): boolean {
  const ready = conditions.find(({ type }) => type === "Ready");
  if (ready?.status !== "True") return false;
  return Date.parse(ready.lastHeartbeatTime) >= Math.floor(kubeletStart.getTime() / 1000) * 1000;
}

async function nodeIsReady(settings: Settings, node: Node): Promise<boolean> {
  const text = await kubectl(settings, ["get", "node", node.name, "-o=jsonpath={.status.conditions}"]);
  return isReadySince(JSON.parse(text) as Condition[], await startedAt(settings, "kubelet"));
}

/** From the machine, so that the way through kube-proxy to the pod is proven too. */
async function dnsAnswers(settings: Settings): Promise<boolean> {
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([dnsAddress(settings)]);
  const addresses = await resolver.resolve4("kubernetes.default.svc.cluster.local").catch((): string[] => []);
  return addresses.includes(addressAt(settings.serviceRange, 1));
}
