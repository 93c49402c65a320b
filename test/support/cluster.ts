import { existsSync } from "node:fs";
import { join } from "node:path";
import { labStateDir } from "../../hack/lib/paths.ts";
import { Kubectl } from "./kubectl.ts";
import { eventually } from "./eventually.ts";

/** The kubeconfig of the cluster under test: KUBECONFIG, or the lab's. */
export function kubeconfigUnderTest(): string {
  const path = process.env["KUBECONFIG"] ?? join(labStateDir, "kubeconfig");
  if (!existsSync(path)) throw new Error(`no kubeconfig at ${path}; bring the lab up first: hack/lab.sh up`);
  return path;
}

/** Makes a namespace of its own for a suite. */
export async function ownNamespace(suite: string, labels: Record<string, string> = {}): Promise<Kubectl> {
  const name = `${suite}-${process.pid}-${Date.now().toString(36)}`;
  const kubectl = new Kubectl(kubeconfigUnderTest(), name);
  await kubectl.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });
  // Pods cannot be made before the namespace has its default service account.
  await eventually(async () => kubectl.run(["get", "serviceaccount", "default"]), 30_000);
  return kubectl;
}

/**
 * Deletes the namespace and waits until nothing of it is left. Kubernetes begins with that after five seconds, and waits
 * for as long again and longer where pods still run: clusters and guests are told before.
 */
export async function deleteNamespace(kubectl: Kubectl): Promise<void> {
  await kubectl.try(["delete", "coreosclusters,vm,vmi", "--all", "--wait=false"]);
  await kubectl.run(["delete", "namespace", kubectl.namespace, "--timeout=120s"]);
}
