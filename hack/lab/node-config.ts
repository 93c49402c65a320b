import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Binaries } from "./binaries.ts";
import { kubeconfigOf } from "./components.ts";
import { cniConfig, containerdConfig, kubeletConfig, nodePaths, pkiDir, proxyConfig } from "./config.ts";
import type { Node, Settings } from "./settings.ts";

/** The text of each program's configuration. */
export interface NodeConfig {
  readonly containerd: string;
  readonly kubelet: string;
  readonly proxy: string;
}

/** Writes the configuration of one node's programs, and returns it. */
export async function writeNodeConfig(
  settings: Settings,
  node: Node,
  binaries: Binaries,
): Promise<NodeConfig> {
  const paths = nodePaths(node);
  const config: NodeConfig = {
    containerd: containerdConfig(settings, node, binaries.runc),
    kubelet: kubeletConfig(settings, node, join(pkiDir(settings), "ca.crt")),
    proxy: proxyConfig(settings, node, kubeconfigOf(settings, "kube-proxy")),
  };
  await put(paths.containerdConfig, config.containerd);
  await put(paths.kubeletConfig, config.kubelet);
  await put(paths.proxyConfig, config.proxy);
  await put(join(paths.cniConfig, "10-lab.conflist"), cniConfig(settings, node));
  // The kubelet hands this to pods that do not use the cluster's DNS.
  await put(join(settings.stateDir, "resolv.conf"), "");
  await Promise.all([node.runDir, paths.podLogs].map((dir) => mkdir(dir, { recursive: true })));
  return config;
}

async function put(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}
