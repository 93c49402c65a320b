// The yardstick of a guest's disks and network: the same image, processor and devices under qemu alone, in one plain pod
// whose bridge gives the guest the pod's address and MAC as Nestlet's does.
import { EMULATED_CPU } from "../../src/launcher/domain/cpu.ts";
import { ADDRESS_MARK, GATEWAY_MARK } from "./guest-load.ts";

/** By its path: the image's shell would take busybox's. */
const NETWORK = [
  "address=$(/usr/bin/ip -4 -o address show eth0 | tr -s ' ' | cut -d' ' -f4)",
  "gateway=$(/usr/bin/ip route show default | cut -d' ' -f3)",
  "mac=$(cat /sys/class/net/eth0/address) mtu=$(cat /sys/class/net/eth0/mtu)",
  "/usr/bin/ip route flush dev eth0; /usr/bin/ip address flush dev eth0",
  "/usr/bin/ip link set eth0 down; /usr/bin/ip link set eth0 address 02:00:00:00:00:01",
  "/usr/bin/ip link add br1 mtu $mtu type bridge; /usr/bin/ip link set eth0 master br1",
  "/usr/bin/ip tuntap add vnet0 mode tap; /usr/bin/ip link set vnet0 mtu $mtu; /usr/bin/ip link set vnet0 master br1",
  // A network plugin's bridge in hairpin mode returns what the guest sends to all: it is not from there.
  "/usr/bin/ip link set eth0 type bridge_slave learning off",
  "for link in eth0 vnet0 br1; do /usr/bin/ip link set $link up; done",
];

const IGNITION = [
  `sed "s|${ADDRESS_MARK}|$address|; s|${GATEWAY_MARK}|$gateway|" /ignition/config >/scratch/ignition`,
];

const DISKS = [
  "qemu-img create -q -f qcow2 -F qcow2 -b /base/disk/$(ls /base/disk) /scratch/root.qcow2",
  "truncate -s 1G /scratch/data.img",
];

const QEMU = [
  "exec qemu-system-x86_64 -nodefaults -display none -machine q35 -accel tcg",
  `-cpu ${EMULATED_CPU} -smp 1 -m 1G -serial stdio`,
  "-drive file=/scratch/root.qcow2,if=virtio,cache=none,discard=unmap",
  "-drive file=/scratch/data.img,format=raw,if=virtio,cache=none,discard=unmap",
  "-netdev tap,id=net,ifname=vnet0,script=no,downscript=no",
  "-device virtio-net-pci,netdev=net,mac=$mac,host_mtu=$mtu,romfile=",
  "-fw_cfg name=opt/com.coreos/config,file=/scratch/ignition",
].join(" ");

/** The pod, and the Secret with what its guest reads. */
export function bareGuest(launcherImage: string, guestImage: string, ignition: object): object[] {
  const container = {
    name: "qemu",
    image: launcherImage,
    imagePullPolicy: "Never",
    command: ["sh", "-euc", [...NETWORK, ...IGNITION, ...DISKS, QEMU].join("\n")],
    securityContext: { privileged: true },
    volumeMounts: [
      { name: "base", mountPath: "/base", readOnly: true },
      { name: "ignition", mountPath: "/ignition", readOnly: true },
      { name: "scratch", mountPath: "/scratch" },
    ],
  };
  const volumes = [
    { name: "base", image: { reference: guestImage, pullPolicy: "Never" } },
    { name: "ignition", secret: { secretName: "bare" } },
    { name: "scratch", emptyDir: {} },
  ];
  return [
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "bare" },
      stringData: { config: JSON.stringify(ignition) },
    },
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "bare" },
      spec: { restartPolicy: "Never", terminationGracePeriodSeconds: 0, containers: [container], volumes },
    },
  ];
}
