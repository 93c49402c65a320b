// The yardstick of nested clusters: the same guest and the same processor model under qemu alone, with kubeadm as it
// comes, in one plain pod. No operator, no libvirt, none of Nestlet's settings for small guests. What is not kubeadm's
// default is what an emulated machine has to have to come up at all, each with its reason below: longer time limits of
// kubeadm, of probes and of leases, and another attempt where one fails.
import { EMULATED_CPU } from "../../src/launcher/domain/cpu.ts";

const TOKEN = "bench0.0123456789abcdef";
const VERSION = "v1.36.3";
const PATCHES = "/etc/bench/patches";

/** Lines on the master's console, in their order. */
export const MARKS = {
  initialized: "bench: kubeadm init is done",
  joined: "bench: the worker has joined",
  ready: "bench: both nodes are ready",
};

/** In the pod: what the worker's console shows. */
export const WORKER_CONSOLE = "/scratch/n0.log";

interface Guest {
  name: string;
  address: string;
  mac: string;
  cores: number;
  memory: string;
  /** The other side of the cable between the two. */
  lan: string;
}

const LAN_PORT = 4444;
const master: Guest = {
  name: "m0",
  address: "192.168.77.1",
  mac: "52:54:00:00:77:01",
  cores: 2,
  memory: "2G",
  lan: `listen=127.0.0.1:${String(LAN_PORT)}`,
};
const worker: Guest = {
  name: "n0",
  address: "192.168.77.2",
  mac: "52:54:00:00:77:02",
  cores: 1,
  memory: "1G",
  lan: `connect=127.0.0.1:${String(LAN_PORT)}`,
};

/** An API server takes minutes to answer, where kubeadm waits for four. The startup probes follow from the first. */
const timeouts = {
  controlPlaneComponentHealthCheck: "30m",
  discovery: "30m",
  kubeletHealthCheck: "10m",
  kubernetesAPICall: "10m",
  tlsBootstrap: "30m",
};

/** A probe that fails eight times in a row ends a control plane that is only busy, again and again. */
const patches = Object.fromEntries(
  ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"].map((name) => [
    `${name}+strategic.json`,
    { spec: { containers: [{ name, livenessProbe: { failureThreshold: 180 } }] } },
  ]),
);

/** They end when the API server takes 10 s to renew a lease, and are started again after up to five minutes. */
const leases = [
  { name: "leader-elect-lease-duration", value: "180s" },
  { name: "leader-elect-renew-deadline", value: "120s" },
];

/** The documents that kubeadm reads on the master, and on the worker. */
export function bareDocuments(role: "master" | "worker"): object[] {
  return kubeadmOf(role === "master" ? master : worker);
}

function kubeadmOf(guest: Guest): object[] {
  const apiVersion = "kubeadm.k8s.io/v1beta4";
  const nodeRegistration = {
    name: guest.name,
    kubeletExtraArgs: [{ name: "node-ip", value: guest.address }],
  };
  if (guest === worker) {
    const bootstrapToken = {
      token: TOKEN,
      apiServerEndpoint: `${master.address}:6443`,
      unsafeSkipCAVerification: true,
    };
    return [
      { apiVersion, kind: "JoinConfiguration", nodeRegistration, discovery: { bootstrapToken }, timeouts },
    ];
  }
  return [
    {
      apiVersion,
      kind: "InitConfiguration",
      nodeRegistration,
      localAPIEndpoint: { advertiseAddress: guest.address },
      bootstrapTokens: [{ token: TOKEN }],
      patches: { directory: PATCHES },
      timeouts,
    },
    {
      apiVersion,
      kind: "ClusterConfiguration",
      kubernetesVersion: VERSION,
      networking: { podSubnet: "10.77.0.0/16" },
      controllerManager: { extraArgs: leases },
      scheduler: { extraArgs: leases },
    },
  ];
}

const lanUnit = ({ mac, address }: Guest): string =>
  `[Match]\nMACAddress=${mac}\n[Network]\nAddress=${address}/24\n`;

const podNetwork = ({ address }: Guest): object => ({
  cniVersion: "1.0.0",
  name: "bench",
  plugins: [
    {
      type: "bridge",
      bridge: "cni0",
      isGateway: true,
      ipam: {
        type: "host-local",
        ranges: [[{ subnet: `10.77.${address.split(".").at(-1) ?? ""}.0/24` }]],
        routes: [{ dst: "0.0.0.0/0" }],
      },
    },
  ],
});

/**
 * Whoever waits costs no processor: kubectl watches, kubeadm join asks each few seconds as it does by itself. kubeadm
 * gives up on one request that takes 10 s, as a person would not; a second attempt finds what the first has left.
 */
const RUN = `set -u
say() {
  printf '\\n%s\\n' "$1" >/dev/ttyS0
}
ignored=SystemVerification
until kubeadm "$1" --config /etc/bench/kubeadm.yaml --ignore-preflight-errors="$ignored" >/dev/ttyS0 2>&1; do
  say "bench: kubeadm $1 failed, and is tried again"
  ignored=all
  sleep 10
done
[ "$1" = init ] || exit 0
say "${MARKS.initialized}"
export KUBECONFIG=/etc/kubernetes/admin.conf
until kubectl wait --for=create node/${worker.name} --timeout=2h; do sleep 5; done
say "${MARKS.joined}"
until kubectl wait --for=condition=Ready node --all --timeout=2h; do sleep 5; done
say "${MARKS.ready}"
`;

function unitOf(guest: Guest): string {
  return `[Unit]
Wants=network-online.target containerd.service
After=network-online.target containerd.service
[Service]
Type=exec
RemainAfterExit=yes
Environment=HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin
ExecStart=/bin/sh /etc/bench/run.sh ${guest === master ? "init" : "join"}
[Install]
WantedBy=multi-user.target
`;
}

/** The Ignition config of the master, or of the worker. */
export function bareIgnition(role: "master" | "worker"): string {
  return JSON.stringify(ignitionOf(role === "master" ? master : worker));
}

function ignitionOf(guest: Guest): object {
  const file = (path: string, text: string): object => ({
    path,
    overwrite: true,
    contents: { source: `data:;base64,${Buffer.from(text).toString("base64")}` },
  });
  return {
    ignition: { version: "3.3.0" },
    storage: {
      files: [
        file("/etc/hostname", `${guest.name}\n`),
        file("/etc/systemd/network/10-lan.network", lanUnit(guest)),
        file("/etc/cni/net.d/10-bench.conflist", JSON.stringify(podNetwork(guest))),
        file(
          "/etc/bench/kubeadm.yaml",
          kubeadmOf(guest)
            .map((part) => JSON.stringify(part))
            .join("\n---\n"),
        ),
        file("/etc/bench/run.sh", RUN),
        ...Object.entries(patches).map(([name, patch]) => file(`${PATCHES}/${name}`, JSON.stringify(patch))),
      ],
    },
    systemd: {
      units: [
        { name: "containerd.service", enabled: true },
        { name: "kubelet.service", enabled: true },
        { name: "bench.service", enabled: true, contents: unitOf(guest) },
      ],
    },
  };
}

function qemuOf(guest: Guest): string {
  const { name, cores, memory, mac, lan } = guest;
  return [
    "qemu-system-x86_64 -nodefaults -display none -machine q35",
    `-accel tcg -cpu ${EMULATED_CPU} -smp ${String(cores)} -m ${memory}`,
    `-drive file=/scratch/${name}.qcow2,if=virtio,cache=none,aio=threads`,
    "-netdev user,id=out -device virtio-net-pci,netdev=out,romfile=",
    `-netdev socket,id=lan,${lan} -device virtio-net-pci,netdev=lan,romfile=,mac=${mac}`,
    `-fw_cfg name=opt/com.coreos/config,file=/ignition/${name}`,
    guest === master ? "-serial stdio" : `-serial file:${WORKER_CONSOLE}`,
  ].join(" ");
}

/** The pod with both qemus, and the Secret with what their guests read. */
export function bareCluster(launcherImage: string): object[] {
  const overlay = ({ name }: Guest): string =>
    `qemu-img create -q -f qcow2 -F qcow2 -b /base/disk/$(ls /base/disk) /scratch/${name}.qcow2 10G`;
  const port = LAN_PORT.toString(16).toUpperCase().padStart(4, "0");
  const listening = `until grep -q :${port} /proc/net/tcp; do sleep 1; done`;
  const guests = `{ ${qemuOf(master)} & ${listening}; exec ${qemuOf(worker)}; }`;
  const script = `${overlay(master)} && ${overlay(worker)} && ${guests}`;
  return [
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "bare" },
      stringData: {
        [master.name]: bareIgnition("master"),
        [worker.name]: bareIgnition("worker"),
      },
    },
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "bare" },
      spec: {
        restartPolicy: "Never",
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: "qemu",
            image: launcherImage,
            imagePullPolicy: "Never",
            command: ["sh", "-c", script],
            // As Nestlet's launchers ask for: two master's processors, one worker's. Without, whoever else runs on the
            // node comes first.
            resources: { requests: { cpu: "600m", memory: "3Gi" } },
            volumeMounts: [
              { name: "base", mountPath: "/base", readOnly: true },
              { name: "ignition", mountPath: "/ignition", readOnly: true },
              { name: "scratch", mountPath: "/scratch" },
            ],
          },
        ],
        volumes: [
          { name: "base", image: { reference: "nestlet.dev/coreos-lab:1.36", pullPolicy: "Never" } },
          { name: "ignition", secret: { secretName: "bare" } },
          { name: "scratch", emptyDir: {} },
        ],
      },
    },
  ];
}
