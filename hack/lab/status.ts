import { existsSync } from "node:fs";
import { hugePagesOf, hugePagesText } from "./huge-pages.ts";
import { kubectl } from "./kubectl.ts";
import { networkStands } from "./network.ts";
import { isRunning, logFile } from "./processes.ts";
import { deployment, releaseNamespace } from "./chart.ts";
import { kubeconfigPath, nodeAt, type Settings } from "./settings.ts";
import { provisioner, storageNamespace } from "./storage.ts";

/** One thing that should be so, and whether it is. */
export interface Finding {
  readonly what: string;
  readonly good: boolean;
  readonly detail: string;
}

const programs = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "containerd",
  "kubelet",
  "kube-proxy",
];

/** Whether there is a lab at all. */
export function labExists(settings: Settings): boolean {
  return existsSync(settings.runDir);
}

/** Looks at each part of the lab. */
export async function inspectLab(settings: Settings): Promise<Finding[]> {
  const network = await networkStands(settings);
  const parts = await Promise.all(
    programs.map(async (name): Promise<Finding> => {
      const good = await isRunning(settings, name);
      return {
        what: name,
        good,
        detail: `${good ? "running" : "not running"}; log ${logFile(settings, name)}`,
      };
    }),
  );
  const namespace = { what: "network", good: network, detail: `namespace ${settings.name}` };
  const pages = (await hugePagesOf(settings)) ?? { pages: 0, trouble: "bring the lab up again" };
  // Only guests that ask for them miss any.
  const hugePages = { what: "huge pages", good: true, detail: hugePagesText(pages) };
  return [namespace, hugePages, ...parts, ...(await inspectObjects(settings))];
}

async function inspectObjects(settings: Settings): Promise<Finding[]> {
  const { name } = nodeAt(settings, 1);
  return Promise.all([
    ask(settings, "API server", ["get", "--raw", "/readyz"], (text) => text === "ok"),
    ask(settings, `node ${name}`, ["get", "node", name, readyPath], (text) => text === "True"),
    ask(settings, "cluster DNS", ["-n", "kube-system", "get", "deployment/coredns", replicasPath], positive),
    ask(settings, "provisioner", ["-n", storageNamespace, "get", provisioner, replicasPath], positive),
    ask(settings, "controller", ["-n", releaseNamespace, "get", deployment, replicasPath], positive),
  ]);
}

const readyPath = '-o=jsonpath={.status.conditions[?(@.type=="Ready")].status}';
const replicasPath = "-o=jsonpath={.status.readyReplicas}";

function positive(text: string): boolean {
  return Number(text) > 0;
}

async function ask(
  settings: Settings,
  what: string,
  args: readonly string[],
  isGood: (text: string) => boolean,
): Promise<Finding> {
  try {
    const good = isGood(await kubectl(settings, ["--request-timeout=3s", ...args]));
    return { what, good, detail: good ? "ready" : "not ready" };
  } catch {
    return { what, good: false, detail: "no answer" };
  }
}

/** A table of the findings. */
export function renderStatus(settings: Settings, findings: readonly Finding[]): string {
  const rows = findings.map(({ what, good, detail }) => `${good ? "✔" : "✖"} ${what.padEnd(24)} ${detail}`);
  const pods = [settings.podRange, settings.podRange6].filter((each) => each !== undefined).join(" and ");
  const ranges = `pods ${pods}, Services ${settings.serviceRange}, nodes ${settings.nodeRange}`;
  return [
    ...rows,
    `  ${"ranges".padEnd(24)} ${ranges}`,
    `  ${"kubeconfig".padEnd(24)} ${kubeconfigPath(settings)}`,
  ].join("\n");
}
