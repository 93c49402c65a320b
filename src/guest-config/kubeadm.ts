import { ENDPOINT_NAME, lanAddress } from "./lan.ts";
import type { ClusterFacts, Master, Member, Worker } from "./member.ts";
import { componentsOf, kubeletSettings, proxySettings } from "./overrides.ts";
import { KUBELET_ARGS, type Arg } from "./slim.ts";

/** kubeadm's documents (kubeadm.k8s.io/v1beta4), as it reads them from one file. */

const API_VERSION = "kubeadm.k8s.io/v1beta4";
const PORT = 6443;
/** What every member asks. */
export const API_SERVER = `https://${ENDPOINT_NAME}:${PORT}`;

/** Where the files lie that these documents refer to. */
export const KUBEADM_PATHS = {
  config: "/etc/nestlet/kubeadm.yaml",
  discovery: "/etc/nestlet/discovery.conf",
  /** Certificate of the authority alone, for a worker. */
  ca: "/etc/nestlet/ca.crt",
  patches: "/etc/nestlet/patches",
  pki: "/etc/kubernetes/pki",
  /** The authorities as they were given; kubeadm's own folder is emptied when it has to begin anew. */
  authority: "/etc/nestlet/pki",
};

/**
 * An emulated guest takes some ten times as long as kubeadm expects. These are for how long it tries; a single request
 * has 10 s in any case (kubeadm's own ToClientSet), and those that kubeadm makes only once have to find an API server
 * that answers (await-master.ts).
 */
const TIMEOUTS = {
  controlPlaneComponentHealthCheck: "20m0s",
  kubeletHealthCheck: "10m0s",
  kubernetesAPICall: "5m0s",
  etcdAPICall: "5m0s",
  tlsBootstrap: "15m0s",
  // As kubeadm has it: a worker has found the API server before.
  discovery: "5m0s",
};

/** The documents for `kubeadm init` or `kubeadm join`. */
export function kubeadmDocuments(cluster: ClusterFacts, member: Member): object[] {
  return member.role === "Master" ? initDocuments(cluster, member) : [joinDocument(cluster, member)];
}

function initDocuments(cluster: ClusterFacts, master: Master): object[] {
  const address = lanAddress(cluster, master.number);
  return [
    {
      apiVersion: API_VERSION,
      kind: "InitConfiguration",
      localAPIEndpoint: { advertiseAddress: address, bindPort: PORT },
      nodeRegistration: registration(cluster, master),
      bootstrapTokens: [{ token: master.bootstrapToken, ttl: "1h0m0s" }],
      patches: { directory: KUBEADM_PATHS.patches },
      timeouts: TIMEOUTS,
    },
    clusterDocument(cluster, master),
    {
      apiVersion: "kubelet.config.k8s.io/v1beta1",
      kind: "KubeletConfiguration",
      ...kubeletSettings(cluster.kubeadm ?? {}),
    },
    {
      apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
      kind: "KubeProxyConfiguration",
      clusterCIDR: cluster.podRange,
      ...proxySettings(cluster.kubeadm ?? {}),
    },
  ];
}

function clusterDocument(cluster: ClusterFacts, master: Master): object {
  const address = lanAddress(cluster, master.number);
  const { imageRepository } = cluster.kubeadm ?? {};
  const root = master.persistentRoot ? "kept" : "lost";
  const args = componentsOf(cluster.kubeadm ?? {}, root, cluster.version);
  const names = [ENDPOINT_NAME, address, "127.0.0.1", "localhost", ...cluster.apiNames];
  return {
    apiVersion: API_VERSION,
    kind: "ClusterConfiguration",
    clusterName: cluster.name,
    kubernetesVersion: cluster.version,
    ...(imageRepository === undefined ? {} : { imageRepository }),
    controlPlaneEndpoint: `${ENDPOINT_NAME}:${PORT}`,
    certificatesDir: KUBEADM_PATHS.pki,
    // An RSA key takes an emulated processor seconds, and there are a dozen.
    encryptionAlgorithm: "ECDSA-P256",
    // Five years: kubeadm renews them, after one year, only with an upgrade, which members do not go through.
    certificateValidityPeriod: "43800h0m0s",
    networking: {
      podSubnet: cluster.podRange,
      serviceSubnet: cluster.serviceRange,
      dnsDomain: cluster.dnsDomain,
    },
    apiServer: { certSANs: [...new Set(names)], extraArgs: args.apiServer },
    controllerManager: { extraArgs: args.controllerManager },
    scheduler: { extraArgs: args.scheduler },
    etcd: { local: { dataDir: "/var/lib/etcd", extraArgs: args.etcd } },
  };
}

function joinDocument(cluster: ClusterFacts, worker: Worker): object {
  return {
    apiVersion: API_VERSION,
    kind: "JoinConfiguration",
    nodeRegistration: registration(cluster, worker),
    discovery: {
      // With the certificate of the authority at hand nothing has to be signed by the token first.
      file: { kubeConfigPath: KUBEADM_PATHS.discovery },
      tlsBootstrapToken: worker.bootstrapToken,
    },
    timeouts: TIMEOUTS,
  };
}

/** A kubeconfig without credentials: where the API server is, and whose certificate it shows. */
export function discoveryKubeconfig({ name }: ClusterFacts): object {
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name,
        cluster: { server: API_SERVER, "certificate-authority": KUBEADM_PATHS.ca },
      },
    ],
    users: [{ name: "anonymous", user: {} }],
    contexts: [{ name, context: { cluster: name, user: "anonymous" } }],
    "current-context": name,
  };
}

function registration(cluster: ClusterFacts, { role, name, number, labels, taints }: Member): object {
  const own =
    role === "Master" ? [{ key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" }] : [];
  return {
    name,
    criSocket: "unix:///run/containerd/containerd.sock",
    taints: [...own, ...taints],
    kubeletExtraArgs: [
      { name: "node-ip", value: lanAddress(cluster, number) },
      ...labelArgs(labels),
      ...KUBELET_ARGS,
    ],
    imagePullPolicy: "IfNotPresent",
  };
}

function labelArgs(labels: Record<string, string>): Arg[] {
  const value = Object.entries(labels)
    .map(([key, label]) => `${key}=${label}`)
    .join(",");
  return value === "" ? [] : [{ name: "node-labels", value }];
}
