import { chmod, copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { contentKey } from "../lib/cache.ts";
import { run } from "../lib/exec.ts";
import { pinnedVersion, type Binaries } from "./binaries.ts";
import { kubeconfigOf } from "./components.ts";
import { kubeadmConfig, nodePaths, pkiDir } from "./config.ts";
import { modules } from "./modules.ts";
import { kubeconfigPath, type Node, type Settings } from "./settings.ts";

/**
 * Has kubeadm make certificates and kubeconfigs, once for each set of names and addresses.
 * @returns a key that changes with them
 */
export async function makeCredentials(settings: Settings, node: Node, binaries: Binaries): Promise<string> {
  const config = kubeadmConfig(settings, node, await kubernetesVersion());
  const marker = join(settings.stateDir, "credentials.key");
  const key = contentKey(config);
  // The marker is written last: what an interrupted run left is made anew.
  if ((await readFile(marker, "utf8").catch(() => "")) === key) return key;
  await rm(pkiDir(settings), { recursive: true, force: true });
  const configFile = join(settings.stateDir, "kubeadm.yaml");
  await writeFile(configFile, config);

  const kubeadm = async (...args: string[]): Promise<string> =>
    run(binaries.kubeadm, [...args, `--config=${configFile}`]);
  await kubeadm("init", "phase", "certs", "all");
  await makeKubeconfigs(settings, node, kubeadm);
  await writeFile(marker, key);
  return key;
}

async function makeKubeconfigs(
  settings: Settings,
  node: Node,
  kubeadm: (...args: string[]) => Promise<string>,
): Promise<void> {
  // kubeadm keeps a file that is there, though its authority be another.
  const names = ["admin", "super-admin", "controller-manager", "scheduler", "kubelet"];
  await Promise.all(names.map((name) => rm(kubeconfigOf(settings, name), { force: true })));
  const dir = `--kubeconfig-dir=${settings.stateDir}`;
  await kubeadm("init", "phase", "kubeconfig", "all", dir);
  const proxy = await kubeadm("kubeconfig", "user", "--client-name=system:kube-proxy");
  await writeFile(kubeconfigOf(settings, "kube-proxy"), proxy, { mode: 0o600 });
  await install(kubeconfigOf(settings, "kubelet"), nodePaths(node).kubeletKubeconfig);
  await install(kubeconfigOf(settings, "admin"), kubeconfigPath(settings));
}

async function install(source: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  await copyFile(source, target);
  await chmod(target, 0o600);
}

async function kubernetesVersion(): Promise<string> {
  const kubernetes = modules.find(({ name }) => name === "kubernetes");
  if (kubernetes === undefined) throw new Error("hack/lab/modules.ts: has no module called kubernetes");
  return pinnedVersion(kubernetes);
}
