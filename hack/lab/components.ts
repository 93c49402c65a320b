import { join } from "node:path";
import type { Binaries } from "./binaries.ts";
import { binDir, nodePaths, pkiDir } from "./config.ts";
import type { Node, Settings } from "./settings.ts";

/** A program of the lab that keeps running. */
export interface Component {
  /** Names its log and its entry in the run folder. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Seconds between SIGTERM and SIGKILL. */
  readonly patience: number;
}

/** The components in the order of starting; they are stopped in the reverse order. */
export function components(
  settings: Settings,
  node: Node,
  binaries: Binaries,
): Record<ComponentName, Component> {
  return {
    etcd: etcd(settings, binaries),
    "kube-apiserver": apiServer(settings, node, binaries),
    "kube-controller-manager": controllerManager(settings, binaries),
    "kube-scheduler": scheduler(settings, binaries),
    containerd: containerd(settings, node, binaries),
    kubelet: kubelet(node, binaries),
    "kube-proxy": {
      name: "kube-proxy",
      program: binaries["kube-proxy"],
      args: flags({ config: nodePaths(node).proxyConfig }),
      patience: 2,
    },
  };
}

export type ComponentName =
  | "etcd"
  | "kube-apiserver"
  | "kube-controller-manager"
  | "kube-scheduler"
  | "containerd"
  | "kubelet"
  | "kube-proxy";

/** Credentials that kubeadm made, by component. */
export function kubeconfigOf(settings: Settings, who: string): string {
  return join(settings.stateDir, `${who}.conf`);
}

function etcd(settings: Settings, binaries: Binaries): Component {
  const pki = (name: string): string => join(pkiDir(settings), "etcd", name);
  return {
    name: "etcd",
    program: binaries.etcd,
    args: flags({
      name: settings.name,
      "data-dir": join(settings.stateDir, "etcd"),
      "listen-client-urls": "https://127.0.0.1:2379",
      "advertise-client-urls": "https://127.0.0.1:2379",
      "listen-peer-urls": "https://127.0.0.1:2380",
      "initial-advertise-peer-urls": "https://127.0.0.1:2380",
      "initial-cluster": `${settings.name}=https://127.0.0.1:2380`,
      "listen-metrics-urls": "http://127.0.0.1:2381",
      "cert-file": pki("server.crt"),
      "key-file": pki("server.key"),
      "trusted-ca-file": pki("ca.crt"),
      "client-cert-auth": "true",
      "peer-cert-file": pki("peer.crt"),
      "peer-key-file": pki("peer.key"),
      "peer-trusted-ca-file": pki("ca.crt"),
      "peer-client-cert-auth": "true",
      // A lab may lose its last writes when the power fails, and starts faster for it.
      "unsafe-no-fsync": "true",
      "log-level": "warn",
    }),
    patience: 3,
  };
}

function apiServer(settings: Settings, node: Node, binaries: Binaries): Component {
  const pki = (name: string): string => join(pkiDir(settings), name);
  return {
    name: "kube-apiserver",
    program: binaries["kube-apiserver"],
    args: flags({
      "advertise-address": node.address,
      "secure-port": "6443",
      "etcd-servers": "https://127.0.0.1:2379",
      "etcd-cafile": pki("etcd/ca.crt"),
      "etcd-certfile": pki("apiserver-etcd-client.crt"),
      "etcd-keyfile": pki("apiserver-etcd-client.key"),
      "client-ca-file": pki("ca.crt"),
      "tls-cert-file": pki("apiserver.crt"),
      "tls-private-key-file": pki("apiserver.key"),
      "kubelet-client-certificate": pki("apiserver-kubelet-client.crt"),
      "kubelet-client-key": pki("apiserver-kubelet-client.key"),
      "kubelet-preferred-address-types": "InternalIP",
      "proxy-client-cert-file": pki("front-proxy-client.crt"),
      "proxy-client-key-file": pki("front-proxy-client.key"),
      "requestheader-client-ca-file": pki("front-proxy-ca.crt"),
      "requestheader-allowed-names": "front-proxy-client",
      "requestheader-extra-headers-prefix": "X-Remote-Extra-",
      "requestheader-group-headers": "X-Remote-Group",
      "requestheader-username-headers": "X-Remote-User",
      "service-account-issuer": "https://kubernetes.default.svc.cluster.local",
      "service-account-key-file": pki("sa.pub"),
      "service-account-signing-key-file": pki("sa.key"),
      "service-cluster-ip-range": settings.serviceRange,
      "authorization-mode": "Node,RBAC",
      "enable-admission-plugins": "NodeRestriction",
      "enable-bootstrap-token-auth": "true",
      "allow-privileged": "true",
      // Nobody balances load over one API server: it may go at once.
      "shutdown-delay-duration": "0s",
      profiling: "false",
    }),
    patience: 5,
  };
}

function controllerManager(settings: Settings, binaries: Binaries): Component {
  const pki = (name: string): string => join(pkiDir(settings), name);
  const kubeconfig = kubeconfigOf(settings, "controller-manager");
  return {
    name: "kube-controller-manager",
    program: binaries["kube-controller-manager"],
    args: flags({
      kubeconfig,
      "authentication-kubeconfig": kubeconfig,
      "authorization-kubeconfig": kubeconfig,
      "bind-address": "127.0.0.1",
      "client-ca-file": pki("ca.crt"),
      "requestheader-client-ca-file": pki("front-proxy-ca.crt"),
      "root-ca-file": pki("ca.crt"),
      "cluster-signing-cert-file": pki("ca.crt"),
      "cluster-signing-key-file": pki("ca.key"),
      "service-account-private-key-file": pki("sa.key"),
      "use-service-account-credentials": "true",
      "cluster-name": settings.name,
      "allocate-node-cidrs": "true",
      "cluster-cidr": settings.podRange,
      "service-cluster-ip-range": settings.serviceRange,
      controllers: "*,bootstrap-signer-controller,token-cleaner-controller",
      "leader-elect": "false",
    }),
    patience: 2,
  };
}

function scheduler(settings: Settings, binaries: Binaries): Component {
  const kubeconfig = kubeconfigOf(settings, "scheduler");
  return {
    name: "kube-scheduler",
    program: binaries["kube-scheduler"],
    args: flags({
      kubeconfig,
      "authentication-kubeconfig": kubeconfig,
      "authorization-kubeconfig": kubeconfig,
      "bind-address": "127.0.0.1",
      "leader-elect": "false",
    }),
    patience: 2,
  };
}

function containerd(settings: Settings, node: Node, binaries: Binaries): Component {
  return {
    name: "containerd",
    program: binaries.containerd,
    args: flags({ config: nodePaths(node).containerdConfig }),
    // Where containerd looks for its shim; CNI plugins also need iptables.
    environment: { PATH: `${binDir(settings)}:/usr/sbin:/usr/bin:/sbin:/bin` },
    patience: 5,
  };
}

function kubelet(node: Node, binaries: Binaries): Component {
  const paths = nodePaths(node);
  return {
    name: "kubelet",
    program: binaries.kubelet,
    args: flags({
      config: paths.kubeletConfig,
      kubeconfig: paths.kubeletKubeconfig,
      "root-dir": paths.kubelet,
      "cert-dir": join(paths.kubelet, "pki"),
      "hostname-override": node.name,
      "node-ip": node.address,
    }),
    patience: 3,
  };
}

function flags(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).map(([name, value]) => `--${name}=${value}`);
}
