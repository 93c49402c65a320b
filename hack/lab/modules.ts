/** Every program that the lab builds from a Go module, by the name it is called by. */
export type BinaryName =
  | "kube-apiserver"
  | "kube-controller-manager"
  | "kube-scheduler"
  | "kubelet"
  | "kube-proxy"
  | "kubeadm"
  | "kubectl"
  | "containerd"
  | "containerd-shim-runc-v2"
  | "ctr"
  | "runc"
  | "etcd"
  | "etcdctl"
  | "bridge"
  | "loopback"
  | "host-local"
  | "portmap"
  | "coredns"
  | "local-path-provisioner"
  | "ignition-validate"
  | "helm"
  | "kwok"
  | "metrics-server";

/** A folder below hack/lab/modules whose go.mod and go.sum say exactly what is built. */
export interface GoModule {
  readonly name: string;
  /** The module in go.mod whose version is the version of the programs. */
  readonly pin: string;
  /** What `go build` is given. */
  readonly packages: readonly string[];
  /** The programs; one that no package yields is a link to the program named like the module. */
  readonly binaries: readonly BinaryName[];
  /** Linker variables by which a program knows its own version. */
  readonly stamps: (version: string) => Record<string, string>;
  readonly tags?: string;
  /** The cluster starts without it: it is built only where it is named. */
  readonly later?: true;
  /** Only a suite that nobody waits for wants it: not among the programs that are built when all are. */
  readonly apart?: true;
  /** The program has C parts; they are linked in, so that it runs in any image. */
  readonly static?: true;
}

/** In the order of building: the longest first, then what a lab needs first. */
export const modules: readonly GoModule[] = [
  {
    name: "kubernetes",
    pin: "k8s.io/kubernetes",
    packages: ["."],
    binaries: [
      "kube-apiserver",
      "kube-controller-manager",
      "kube-scheduler",
      "kubelet",
      "kube-proxy",
      "kubeadm",
      "kubectl",
    ],
    stamps: kubernetesStamps,
  },
  {
    name: "etcd",
    pin: "go.etcd.io/etcd/server/v3",
    packages: ["."],
    binaries: ["etcd", "etcdctl"],
    stamps: () => ({}),
  },
  {
    name: "runc",
    pin: "github.com/opencontainers/runc",
    packages: ["github.com/opencontainers/runc"],
    binaries: ["runc"],
    stamps: () => ({}),
    // Without seccomp, runc refuses every pod that has a seccomp profile.
    tags: "seccomp netgo osusergo",
    static: true,
  },
  {
    name: "containerd",
    pin: "github.com/containerd/containerd/v2",
    packages: ["containerd", "containerd-shim-runc-v2", "ctr"].map(
      (name) => `github.com/containerd/containerd/v2/cmd/${name}`,
    ),
    binaries: ["containerd", "containerd-shim-runc-v2", "ctr"],
    stamps: (version) => ({ "github.com/containerd/containerd/v2/version.Version": version }),
  },
  {
    name: "cni",
    pin: "github.com/containernetworking/plugins",
    packages: ["main/bridge", "main/loopback", "ipam/host-local", "meta/portmap"].map(
      (path) => `github.com/containernetworking/plugins/plugins/${path}`,
    ),
    binaries: ["bridge", "loopback", "host-local", "portmap"],
    stamps: (version) => ({
      "github.com/containernetworking/plugins/pkg/utils/buildversion.BuildVersion": version,
    }),
  },
  {
    name: "coredns",
    pin: "github.com/coredns/coredns",
    packages: ["."],
    binaries: ["coredns"],
    stamps: () => ({}),
  },
  {
    name: "local-path-provisioner",
    pin: "github.com/rancher/local-path-provisioner",
    packages: ["github.com/rancher/local-path-provisioner"],
    binaries: ["local-path-provisioner"],
    stamps: (version) => ({ "main.VERSION": version }),
    later: true,
  },
  {
    name: "ignition-validate",
    pin: "github.com/coreos/ignition/v2",
    packages: ["."],
    binaries: ["ignition-validate"],
    stamps: () => ({}),
    later: true,
  },
  {
    name: "helm",
    pin: "helm.sh/helm/v4",
    packages: ["helm.sh/helm/v4/cmd/helm"],
    binaries: ["helm"],
    stamps: (version) => ({ "helm.sh/helm/v4/internal/version.version": version }),
  },
  {
    name: "kwok",
    pin: "sigs.k8s.io/kwok",
    packages: ["sigs.k8s.io/kwok/cmd/kwok"],
    binaries: ["kwok"],
    stamps: (version) => ({ "sigs.k8s.io/kwok/pkg/consts.Version": version }),
    later: true,
  },
  {
    name: "metrics-server",
    pin: "sigs.k8s.io/metrics-server",
    packages: ["sigs.k8s.io/metrics-server/cmd/metrics-server"],
    binaries: ["metrics-server"],
    stamps: (version) => ({ "k8s.io/client-go/pkg/version.gitVersion": version }),
    later: true,
    apart: true,
  },
];

function kubernetesStamps(version: string): Record<string, string> {
  const [major = "", minor = ""] = version.slice(1).split(".");
  const stamps = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: "clean" };
  return Object.fromEntries(
    ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap((symbols) =>
      Object.entries(stamps).map(([name, value]) => [`${symbols}.${name}`, value]),
    ),
  );
}
