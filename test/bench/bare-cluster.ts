// The yardstick of nested clusters: the same guest and the same processor model under qemu alone, with kubeadm as it
// comes, in one plain pod. No operator, no libvirt, none of Nestlet's settings for small guests but longer time limits.
import { EMULATED_CPU } from "../../src/launcher/domain/cpu.ts";

const TOKEN = "bench0.0123456789abcdef";
const VERSION = "v1.36.3";
/** Begins the line on the master's console that says both Nodes are Ready. */
export const READY_MARK = "bench: both nodes are ready";

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

const timeouts = {
  controlPlaneComponentHealthCheck: "30m",
  discovery: "30m",
  kubeletHealthCheck: "10m",
  kubernetesAPICall: "10m",
  tlsBootstrap: "30m",
};

function kubeadmOf(guest: Guest): object[] {
  const apiVersion = "kubeadm.k8s.io/v1beta4";
  const nodeRegistration = {
    name: guest.name,
    kubeletExtraArgs: [{ name: "node-ip", value: guest.address }],
    ignorePreflightErrors: ["SystemVerification"],
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
      timeouts,
    },
    {
      apiVersion,
      kind: "ClusterConfiguration",
      kubernetesVersion: VERSION,
      networking: { podSubnet: "10.77.0.0/16" },
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

/** Whoever waits costs no processor: kubectl watches, kubeadm join asks each few seconds as it does by itself. */
const RUN = `set -eu
kubeadm "$1" --config /etc/bench/kubeadm.yaml
[ "$1" = init ] || exit 0
export KUBECONFIG=/etc/kubernetes/admin.conf
kubectl wait --for=create node/${worker.name} --timeout=2h
kubectl wait --for=condition=Ready node --all --timeout=2h
printf '\\n%s\\n' "${READY_MARK}" >/dev/ttyS0
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
    guest === master ? "-serial stdio" : "-serial none",
  ].join(" ");
}

/** The pod with both qemus, and the Secret with what their guests read. */
export function bareCluster(launcherImage: string): object[] {
  const overlay = ({ name }: Guest): string =>
    `qemu-img create -q -f qcow2 -F qcow2 -b /base/disk/$(ls /base/disk) /scratch/${name}.qcow2 10G`;
  const script = `${overlay(master)} && ${overlay(worker)} && { ${qemuOf(master)} & sleep 1; exec ${qemuOf(worker)}; }`;
  return [
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "bare" },
      stringData: {
        [master.name]: JSON.stringify(ignitionOf(master)),
        [worker.name]: JSON.stringify(ignitionOf(worker)),
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
