import {
  API_SERVER_ARGS,
  controllerManagerArgs,
  etcdArgs,
  KUBELET_SETTINGS,
  PROXY_SETTINGS,
  schedulerArgs,
  type Arg,
} from "./slim.ts";

interface Component {
  extraArgs?: Arg[];
}

/** What a cluster's owner wants otherwise than Nestlet would have it; checked when the cluster was accepted. */
export interface KubeadmOverrides {
  imageRepository?: string;
  apiServer?: Component;
  controllerManager?: Component;
  scheduler?: Component;
  etcd?: Component;
  /** Fields of KubeletConfiguration. */
  kubelet?: object;
  kubeProxy?: {
    mode?: "iptables" | "nftables";
    /** Durations, of whichever mode is in use. */
    syncPeriod?: string;
    minSyncPeriod?: string;
  };
}

/** Nestlet's arguments but those that the owner gives a value, and then the owner's. */
export function mergeArgs(own: readonly Arg[], { extraArgs = [] }: Component = {}): Arg[] {
  const given = new Set(extraArgs.map(({ name }) => name));
  return [
    ...own.filter(({ name }) => !given.has(name)),
    ...extraArgs.map(({ name, value }) => ({ name, value })),
  ];
}

/** The parts of ClusterConfiguration (kubeadm.k8s.io/v1beta4) that an owner has a say in. */
export function componentsOf(
  overrides: KubeadmOverrides,
  root: "kept" | "lost",
  version: string,
): { apiServer: Arg[]; controllerManager: Arg[]; scheduler: Arg[]; etcd: Arg[] } {
  return {
    apiServer: mergeArgs(API_SERVER_ARGS, overrides.apiServer),
    controllerManager: mergeArgs(controllerManagerArgs("one"), overrides.controllerManager),
    scheduler: mergeArgs(schedulerArgs("one"), overrides.scheduler),
    etcd: mergeArgs(etcdArgs(root, version), overrides.etcd),
  };
}

/** Fields of KubeletConfiguration. */
export function kubeletSettings({ kubelet = {} }: KubeadmOverrides): object {
  return { ...KUBELET_SETTINGS, ...kubelet };
}

/** Fields of KubeProxyConfiguration. */
export function proxySettings({ kubeProxy = {} }: KubeadmOverrides): object {
  const { mode = PROXY_SETTINGS.mode, ...periods } = kubeProxy;
  const { iptables, ...rest } = PROXY_SETTINGS;
  // Both modes have the same two periods.
  return { ...rest, mode, [mode]: { ...iptables, ...periods } };
}
