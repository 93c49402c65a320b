import { file, jsonFile, type IgnitionFile, type IgnitionUnit } from "./ignition.ts";
import { FIRST_MASTER_NUMBER, type ClusterFacts, type Member } from "./member.ts";
import { addressAt, lastMemberNumber, podSubnetAt, prefixLengthOf } from "./range.ts";

/**
 * The cluster LAN: a VXLAN between the members' pod addresses, on which each has a fixed address. The pods' networks
 * are routed over it, so that they need no overlay of their own.
 *
 * The scripts are for /bin/sh and keep to its builtins in loops: under emulation a process costs some 20 ms.
 */

/** Its own id and port: the host cluster's pod network may be a VXLAN as well, usually on 4789 or 8472. */
const VXLAN = { device: "lan0", id: 10, port: 4790, overheadBytes: 50 };

/**
 * Seconds between two looks at the members' addresses, and once as many looks in a row have seen no change: a look is
 * two starts of programs, a fiftieth of an emulated processor when it is taken each 5 s.
 */
const PEERS = { interval: 5, settledInterval: 15, settledAfter: 60 };

/** The name that leads to the API server on every member. */
export const ENDPOINT_NAME = "kubeapi";

const FOLDER = "/etc/nestlet";

export function lanAddress(cluster: ClusterFacts, number: number): string {
  return addressAt(cluster.lanRange, number);
}

export function lanFiles(cluster: ClusterFacts, member: Member): IgnitionFile[] {
  return [
    file(`${FOLDER}/lan.env`, lanSettings(cluster, member), 0o644),
    file(`${FOLDER}/lan-up.sh`, LAN_UP, 0o644),
    file(`${FOLDER}/lan-peers.sh`, LAN_PEERS, 0o644),
    jsonFile(`${FOLDER}/pod-network.conflist`, podNetwork(cluster, member)),
  ];
}

export const LAN_UNITS: readonly IgnitionUnit[] = [
  {
    name: "nestlet-lan.service",
    enabled: true,
    contents: `[Unit]
Description=Network between the members of the cluster
Wants=network-online.target
After=network-online.target systemd-networkd.service
Before=kubelet.service

[Service]
Type=oneshot
RemainAfterExit=yes
EnvironmentFile=${FOLDER}/lan.env
ExecStart=/bin/sh ${FOLDER}/lan-up.sh

[Install]
WantedBy=multi-user.target
`,
  },
  {
    name: "nestlet-lan-peers.service",
    enabled: true,
    contents: `[Unit]
Description=Addresses of the other members of the cluster
Requires=nestlet-lan.service
After=nestlet-lan.service

[Service]
EnvironmentFile=${FOLDER}/lan.env
ExecStart=/bin/sh ${FOLDER}/lan-peers.sh
Restart=always
RestartSec=2

[Install]
WantedBy=multi-user.target
`,
  },
];

/** What the scripts below work with, as variables of systemd and of the shell. */
function lanSettings(cluster: ClusterFacts, { role, number }: Member): string {
  const [lanBase, lanOffset] = splitLastOctet(addressAt(cluster.lanRange, 0));
  const [podBase, podOffset] = splitLastOctet(podSubnetAt(cluster.podRange, 0).replace(".0/24", ""));
  const endpoint = lanAddress(cluster, role === "Master" ? number : FIRST_MASTER_NUMBER);
  const settings = {
    DEVICE: VXLAN.device,
    VXLAN_ID: VXLAN.id,
    VXLAN_PORT: VXLAN.port,
    VXLAN_OVERHEAD: VXLAN.overheadBytes,
    NUMBER: number,
    LAST_NUMBER: lastMemberNumber(cluster.lanRange, cluster.podRange),
    LAN_BASE: lanBase,
    LAN_OFFSET: lanOffset,
    LAN_LENGTH: prefixLengthOf(cluster.lanRange),
    POD_RANGE: cluster.podRange,
    POD_BASE: podBase,
    POD_OFFSET: podOffset,
    ENDPOINT: endpoint,
    ENDPOINT_NAMES: `"${[ENDPOINT_NAME, `${cluster.name}-api`, `${cluster.name}-api.${cluster.namespace}.svc`].join(" ")}"`,
    CLUSTER: cluster.name,
    OTHER_MEMBERS: `"${cluster.otherMembers.map(({ name, number }) => `${String(number)}:${name}`).join(" ")}"`,
    MEMBERS: cluster.membersService,
    PEER_INTERVAL: PEERS.interval,
    SETTLED_INTERVAL: PEERS.settledInterval,
    SETTLED_AFTER: PEERS.settledAfter,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}

/** `192.168.10` and `0` of 192.168.10.0. */
function splitLastOctet(address: string): [string, string] {
  const end = address.lastIndexOf(".");
  return [address.slice(0, end), address.slice(end + 1)];
}

/** CNI conflist (CNI spec 1.0.0) of the member's own /24; lan-up.sh fills in the MTU. */
function podNetwork(cluster: ClusterFacts, { number }: Member): object {
  return {
    cniVersion: "1.0.0",
    name: "nestlet",
    plugins: [
      {
        type: "bridge",
        bridge: "cni0",
        mtu: "@MTU@",
        isGateway: true,
        // A pod may reach itself through its Service.
        hairpinMode: true,
        ipam: {
          type: "host-local",
          ranges: [[{ subnet: podSubnetAt(cluster.podRange, number) }]],
          routes: [{ dst: "0.0.0.0/0" }],
        },
      },
      { type: "portmap", capabilities: { portMappings: true } },
    ],
  };
}

/**
 * Makes the LAN's device, names and routes. The MAC is the member's for good, so that nobody keeps a wrong one. A
 * route to each possible member is there from the start: 253 of them cost a kernel nothing, an agent would.
 */
const LAN_UP = `set -eu
modprobe -a vxlan br_netfilter overlay
sysctl -q -w net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1

# The default route is that of the pod network; it appears with its lease.
uplink=
until [ -n "$uplink" ]; do
  set -- $(ip -4 route show default)
  while [ $# -gt 1 ]; do
    if [ "$1" = dev ]; then uplink=$2; break; fi
    shift
  done
  [ -n "$uplink" ] || sleep 0.5
done
read -r mtu <"/sys/class/net/$uplink/mtu"
mtu=$((mtu - VXLAN_OVERHEAD))

ip link del "$DEVICE" 2>/dev/null || true
{
  mac=$(printf '52:54:00:00:00:%02x' "$NUMBER")
  echo "link add $DEVICE address $mac mtu $mtu type vxlan id $VXLAN_ID dstport $VXLAN_PORT dev $uplink"
  echo "address add $LAN_BASE.$((LAN_OFFSET + NUMBER))/$LAN_LENGTH dev $DEVICE"
  echo "link set $DEVICE up"
  number=1
  while [ $number -le "$LAST_NUMBER" ]; do
    if [ $number -ne "$NUMBER" ]; then
      echo "route add $POD_BASE.$((POD_OFFSET + number)).0/24 via $LAN_BASE.$((LAN_OFFSET + number)) dev $DEVICE"
    fi
    number=$((number + 1))
  done
} | ip -batch -

{
  echo "127.0.0.1 localhost"
  echo "::1 localhost ip6-localhost"
  echo "$ENDPOINT $ENDPOINT_NAMES"
  # Masters: 1, then from the end downwards; workers in between.
  echo "$LAN_BASE.$((LAN_OFFSET + 1)) $CLUSTER-master-0"
  for index in 1 2 3 4; do
    number=$((255 - index))
    if [ $number -le "$LAST_NUMBER" ]; then echo "$LAN_BASE.$((LAN_OFFSET + number)) $CLUSTER-master-$index"; fi
  done
  # Those known at this member's making whose numbers do not go by that rule; the first line of a name counts.
  for other in $OTHER_MEMBERS; do echo "$LAN_BASE.$((LAN_OFFSET + \${other%%:*})) \${other#*:}"; done
  number=2
  while [ $number -le "$LAST_NUMBER" ] && [ $number -le 250 ]; do
    echo "$LAN_BASE.$((LAN_OFFSET + number)) $CLUSTER-node-$((number - 2))"
    number=$((number + 1))
  done
} >/etc/hosts

# What pods send out of the cluster leaves with the member's address; among themselves they keep their own.
iptables -w -t nat -C POSTROUTING -s "$POD_RANGE" -o "$uplink" -j MASQUERADE 2>/dev/null ||
  iptables -w -t nat -A POSTROUTING -s "$POD_RANGE" -o "$uplink" -j MASQUERADE

mkdir -p /etc/cni/net.d
sed "s/\\"@MTU@\\"/$mtu/" ${FOLDER}/pod-network.conflist >/etc/cni/net.d/10-nestlet.conflist
`;

/**
 * Sends what is not for a known member to all of them: one forwarding entry for each address that the host cluster's
 * DNS gives. While DNS does not answer, the last known ones stay. A member that comes back with another address has the
 * MAC that it had, so what the kernel has learned of an address goes with it; by itself it would forget in 5 minutes.
 * It also learns the new address from the first packet that comes from there.
 */
const LAN_PEERS = `set -u
uplink=$(ip -4 route show default)
uplink=\${uplink#*dev }
uplink=\${uplink%% *}
own=" "
for word in $(ip -4 -o address show dev "$uplink"); do
  case $word in */*) own="$own\${word%/*} " ;; esac
done

forget() {
  gone=$1
  set -- $(bridge fdb show dev "$DEVICE")
  while [ $# -gt 2 ]; do
    if [ "$2 $3" = "dst $gone" ]; then bridge fdb del "$1" dev "$DEVICE" dst "$gone"; fi
    shift
  done
}

entry=00:00:00:00:00:00
present=" "
set -- $(bridge fdb show dev "$DEVICE")
while [ $# -gt 2 ]; do
  if [ "$1 $2" = "$entry dst" ]; then present="$present$3 "; fi
  shift
done
unchanged=0
while :; do
  unchanged=$((unchanged + 1))
  wanted=" "
  for word in $(getent ahostsv4 "$MEMBERS"); do
    case $word in
      *.*.*.*) case $own$wanted in *" $word "*) ;; *) wanted="$wanted$word " ;; esac ;;
    esac
  done
  if [ "$wanted" != " " ]; then
    for peer in $wanted; do
      case $present in *" $peer "*) continue ;; esac
      unchanged=0
      bridge fdb append $entry dev "$DEVICE" dst "$peer" && echo "member at $peer"
    done
    for peer in $present; do
      case $wanted in *" $peer "*) continue ;; esac
      unchanged=0
      bridge fdb del $entry dev "$DEVICE" dst "$peer" && echo "no member at $peer any more"
      forget "$peer"
    done
    present=$wanted
  fi
  if [ "$unchanged" -lt "$SETTLED_AFTER" ]; then sleep "$PEER_INTERVAL"; else sleep "$SETTLED_INTERVAL"; fi
done
`;
