import { join } from "node:path";
import { stringify } from "yaml";
import { dnsAddress, type Node, type Settings } from "./settings.ts";

/** The image that holds a pod's namespaces; built by the lab, as nothing is ever pulled. */
export const pauseImage = "nestlet.dev/pause:1";

/** The folders of one node; all below its own state and run folders. */
export function nodePaths(node: Node): Record<NodePath, string> {
  return {
    socket: join(node.runDir, "containerd.sock"),
    containerdRoot: join(node.stateDir, "containerd"),
    containerdState: join(node.runDir, "containerd"),
    containerdConfig: join(node.stateDir, "containerd.toml"),
    cniConfig: join(node.stateDir, "cni/net.d"),
    kubelet: join(node.stateDir, "kubelet"),
    kubeletConfig: join(node.stateDir, "kubelet.yaml"),
    kubeletKubeconfig: join(node.stateDir, "kubelet.conf"),
    podLogs: join(node.stateDir, "pods"),
    proxyConfig: join(node.stateDir, "kube-proxy.yaml"),
  };
}

type NodePath =
  | "socket"
  | "containerdRoot"
  | "containerdState"
  | "containerdConfig"
  | "cniConfig"
  | "kubelet"
  | "kubeletConfig"
  | "kubeletKubeconfig"
  | "podLogs"
  | "proxyConfig";

/** containerd's configuration, version 3 (containerd/docs/cri/config.md). */
export function containerdConfig(settings: Settings, node: Node, runc: string): string {
  const paths = nodePaths(node);
  const cri = "plugins.'io.containerd.cri.v1";
  return `version = 3
root = '${paths.containerdRoot}'
state = '${paths.containerdState}'

[grpc]
  address = '${paths.socket}'

[ttrpc]
  address = '${paths.socket}.ttrpc'

# The lab has one more containerd on the machine: none of the optional listeners.
[plugins.'io.containerd.nri.v1.nri']
  disable = true

[${cri}.images']
  snapshotter = 'overlayfs'
[${cri}.images'.pinned_images]
  sandbox = '${pauseImage}'

[${cri}.runtime']
  # A root without CAP_SYS_RESOURCE may not make a process less likely to be killed.
  restrict_oom_score_adj = true
  # Pods' namespaces lie in the lab's own folder, where \`down\` finds them.
  netns_mounts_under_state_dir = true
[${cri}.runtime'.containerd.runtimes.runc]
  runtime_type = 'io.containerd.runc.v2'
[${cri}.runtime'.containerd.runtimes.runc.options]
  BinaryName = '${runc}'
  Root = '${join(node.runDir, "runc")}'
[${cri}.runtime'.cni]
  bin_dirs = ['${binDir(settings)}']
  conf_dir = '${paths.cniConfig}'
  use_internal_loopback = true
`;
}

/** The pod network of one node (CNI specification 1.0.0): a bridge, addresses from the node's range. */
export function cniConfig(settings: Settings, node: Node): string {
  const { ipv6 } = node;
  const bridge = {
    type: "bridge",
    bridge: "pods0",
    isGateway: true,
    // A pod may reach itself through its Service.
    hairpinMode: true,
    ipMasq: false,
    ipam: {
      type: "host-local",
      // Forgotten with the pods: leases of a lab that was killed would fill the range.
      dataDir: join(node.runDir, "cni"),
      ranges: [[{ subnet: node.podRange }], ...(ipv6 === undefined ? [] : [[{ subnet: ipv6.podRange }]])],
      routes: [{ dst: "0.0.0.0/0" }, ...(ipv6 === undefined ? [] : [{ dst: "::/0" }])],
    },
  };
  const portmap = { type: "portmap", capabilities: { portMappings: true } };
  return json({ cniVersion: "1.0.0", name: settings.name, plugins: [bridge, portmap] });
}

/** KubeletConfiguration (kubelet.config.k8s.io/v1beta1). */
export function kubeletConfig(settings: Settings, node: Node, authority: string): string {
  const paths = nodePaths(node);
  return stringify({
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address: node.address,
    authentication: { anonymous: { enabled: false }, x509: { clientCAFile: authority } },
    authorization: { mode: "Webhook" },
    containerRuntimeEndpoint: `unix://${paths.socket}`,
    cgroupDriver: "cgroupfs",
    cgroupRoot: `/${settings.name}`,
    failCgroupV1: false,
    failSwapOn: false,
    clusterDNS: [dnsAddress(settings)],
    clusterDomain: "cluster.local",
    // Names outside the cluster have no answer in a lab without a route out.
    resolvConf: join(settings.stateDir, "resolv.conf"),
    podLogsDir: paths.podLogs,
    staticPodPath: "",
    maxPods: 200,
    serializeImagePulls: false,
    registryPullQPS: 0,
    eventRecordQPS: 0,
    kubeAPIQPS: 200,
    kubeAPIBurst: 400,
    // Images were imported and cannot be pulled again: never collect them.
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    evictionHard: {
      "memory.available": "200Mi",
      "nodefs.available": "1Gi",
      "nodefs.inodesFree": "1%",
      "imagefs.available": "1Gi",
      "imagefs.inodesFree": "1%",
    },
    shutdownGracePeriod: "0s",
    rotateCertificates: false,
    protectKernelDefaults: false,
    runtimeRequestTimeout: "2m",
  });
}

/** KubeProxyConfiguration (kubeproxy.config.k8s.io/v1alpha1). */
export function proxyConfig(settings: Settings, node: Node, kubeconfig: string): string {
  return stringify({
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    bindAddress: node.address,
    healthzBindAddress: `${node.address}:10256`,
    metricsBindAddress: "127.0.0.1:10249",
    clientConnection: { kubeconfig },
    clusterCIDR: settings.podRange,
    hostnameOverride: node.name,
    // Debian 12's nft is too old for the nftables mode.
    mode: "iptables",
    iptables: { minSyncPeriod: "0s", syncPeriod: "30s" },
    // Limits of the whole machine, not of a network namespace: leave them.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
  });
}

/** Input of `kubeadm init phase certs` and `kubeconfig` (kubeadm.k8s.io/v1beta4). */
export function kubeadmConfig(settings: Settings, node: Node, version: string): string {
  const init = {
    apiVersion: "kubeadm.k8s.io/v1beta4",
    kind: "InitConfiguration",
    localAPIEndpoint: { advertiseAddress: node.address, bindPort: 6443 },
    nodeRegistration: { name: node.name, criSocket: `unix://${nodePaths(node).socket}` },
  };
  const cluster = {
    apiVersion: "kubeadm.k8s.io/v1beta4",
    kind: "ClusterConfiguration",
    clusterName: settings.name,
    kubernetesVersion: version,
    certificatesDir: pkiDir(settings),
    // A key takes a millisecond, an RSA one up to a second.
    encryptionAlgorithm: "ECDSA-P256",
    caCertificateValidityPeriod: "87600h0m0s",
    certificateValidityPeriod: "87600h0m0s",
    networking: { podSubnet: settings.podRange, serviceSubnet: settings.serviceRange },
    apiServer: { certSANs: ["127.0.0.1", "localhost"] },
  };
  return `${stringify(init)}---\n${stringify(cluster)}`;
}

/** Links to all programs, by name; also the CNI plugins'. */
export function binDir(settings: Settings): string {
  return join(settings.stateDir, "bin");
}

export function pkiDir(settings: Settings): string {
  return join(settings.stateDir, "pki");
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
