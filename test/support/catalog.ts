import { pinnedVersion } from "../../hack/lab/binaries.ts";
import { releaseNamespace } from "../../hack/lab/chart.ts";
import { modules } from "../../hack/lab/modules.ts";
import { CATALOG_CONFIG_MAP } from "../../src/api/metadata.ts";
import { kubeconfigUnderTest } from "./cluster.ts";
import { Kubectl } from "./kubectl.ts";

/** Puts an entry into the catalog of the cluster under test, or takes it out. */
export async function setCatalogEntry(name: string, entry: object | null): Promise<void> {
  const system = new Kubectl(kubeconfigUnderTest(), releaseNamespace);
  const text = entry === null ? null : JSON.stringify(entry);
  const patch = JSON.stringify({ data: { [name]: text } });
  await system.run(["patch", "configmap", CATALOG_CONFIG_MAP, "--type=merge", `--patch=${patch}`]);
}

/** The Kubernetes that is built here, `v1.36.3`. */
export async function builtKubernetes(): Promise<string> {
  const kubernetes = modules.find(({ binaries }) => binaries.includes("kubeadm"));
  if (kubernetes === undefined) throw new Error("no Go module of the lab holds kubeadm");
  return pinnedVersion(kubernetes);
}
