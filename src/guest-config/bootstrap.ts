import { AWAIT_SCRIPT, awaitFiles } from "./await-master.ts";
import { EMULATION_DROPIN, emulationPatches } from "./emulation.ts";
import { file, jsonFile, type IgnitionFile, type IgnitionUnit } from "./ignition.ts";
import { discoveryKubeconfig, KUBEADM_PATHS, kubeadmDocuments } from "./kubeadm.ts";
import type { ClusterFacts, Master, Member } from "./member.ts";
import { BOOTSTRAP_AFTER_PAYLOAD, CONTAINERD_AFTER_PAYLOAD } from "./payload.ts";
import { processorDropins, processorFiles, processorUnits } from "./processors.ts";
import { patches } from "./slim.ts";

/** The first boot of a member: kubeadm with its files, and a line on the console that tells how it went. */

const SCRIPT = "/etc/nestlet/bootstrap.sh";
/** There when the member has joined; on a root that is kept, from then on. */
const BOOTSTRAPPED = "/var/lib/nestlet/bootstrapped";
/** Copied to the others where they apply. */
const EMULATION_PATCHES = "/etc/nestlet/emulation-patches";

/**
 * Begins the line on the serial console that tells the outcome: `ready`, or `failed: <last lines>` after each attempt
 * that failed; attempts go on.
 */
export const BOOTSTRAP_MARKER = "nestlet-bootstrap: ";

export function bootstrapFiles(cluster: ClusterFacts, member: Member): IgnitionFile[] {
  const documents = kubeadmDocuments(cluster, member).map((document) => JSON.stringify(document));
  return [
    file(SCRIPT, BOOTSTRAP, 0o644),
    ...processorFiles(member.role, BOOTSTRAPPED),
    file(KUBEADM_PATHS.config, documents.join("\n---\n")),
    ...(member.role === "Master"
      ? [...authorityFiles(member), ...patchFiles()]
      : [jsonFile(KUBEADM_PATHS.discovery, discoveryKubeconfig(cluster)), ...awaitFiles(cluster, member)]),
  ];
}

export function bootstrapUnits(
  { payloadDisk }: ClusterFacts,
  { role, persistentRoot }: Member,
): IgnitionUnit[] {
  const verb = role === "Master" ? "init" : "join";
  const root = persistentRoot === true ? "kept" : "lost";
  const payload = payloadDisk ? BOOTSTRAP_AFTER_PAYLOAD : { wants: "", after: "" };
  return [
    payloadDisk
      ? CONTAINERD_AFTER_PAYLOAD
      : { name: "containerd.service", enabled: true, dropins: [EMULATION_DROPIN] },
    {
      name: "kubelet.service",
      // With a payload disk it is started by that; at boot it is not there yet to be enabled.
      ...(payloadDisk ? {} : { enabled: true }),
      dropins: [
        {
          name: "20-nestlet.conf",
          // Before kubeadm has written its configuration it would only end and start again.
          contents: `[Unit]
ConditionPathExists=/var/lib/kubelet/config.yaml
Requires=nestlet-lan.service
After=nestlet-lan.service

[Service]
${KUBELET_LOG_LIMIT}`,
        },
        EMULATION_DROPIN,
        ...processorDropins(role),
      ],
    },
    {
      name: "nestlet-bootstrap.service",
      enabled: true,
      contents: `[Unit]
Description=Make this machine a member of its cluster
Wants=containerd.service${payload.wants}
Requires=nestlet-lan.service
After=nestlet-lan.service containerd.service${payload.after}

[Service]
Type=exec
RemainAfterExit=yes
Environment=HOME=/root PATH=/opt/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin
ExecStart=/bin/sh ${SCRIPT} ${verb} ${root}
Restart=on-failure
RestartSec=5

[Install]
WantedBy=multi-user.target
`,
    },
    ...processorUnits(role),
  ];
}

/**
 * Until its Node is registered, which on a master has to wait for the API server, a kubelet writes the same two errors
 * ten times a second each, whatever its verbosity (kubelet.go, fastStatusUpdateOnce and fastStaticPodsRegistration).
 * For an emulated journald that is a fifth of a processor, and a journal in memory has nothing else after an hour.
 * A start has some hundred lines. journald itself lets two to four times as many through, by the room that it has, and
 * says how many it has left out.
 */
const KUBELET_LOG_LIMIT = `LogRateLimitIntervalSec=30s
LogRateLimitBurst=60
`;

/** By the names that kubeadm gives them; it makes none of those that are there. */
function authorityFiles({ authority }: Master): IgnitionFile[] {
  const { ca, etcdCa, frontProxyCa, serviceAccount } = authority;
  const texts = {
    "ca.crt": ca.certificate,
    "ca.key": ca.key,
    "etcd/ca.crt": etcdCa.certificate,
    "etcd/ca.key": etcdCa.key,
    "front-proxy-ca.crt": frontProxyCa.certificate,
    "front-proxy-ca.key": frontProxyCa.key,
    "sa.pub": serviceAccount.publicKey,
    "sa.key": serviceAccount.privateKey,
  };
  return Object.entries(texts).map(([name, text]) => file(`${KUBEADM_PATHS.authority}/${name}`, text));
}

function patchFiles(): IgnitionFile[] {
  const folders = { [KUBEADM_PATHS.patches]: patches(), [EMULATION_PATCHES]: emulationPatches() };
  return Object.entries(folders).flatMap(([folder, files]) =>
    Object.entries(files).map(([name, patch]) => jsonFile(`${folder}/${name}`, patch)),
  );
}

/**
 * SystemVerification is left out at first, too: guests' kernels come without their configuration, which it would look
 * through for what any kernel of today has. A second attempt finds what the first has left, which kubeadm takes over
 * when it is told not to complain. Ports in use are then its own.
 *
 * After an attempt that was cut off by the end of its boot kubeadm's files may be empty or torn: all are made anew. What
 * etcd has is left to it: it takes care of that itself, and the cluster may have answered and been used before.
 */
const BOOTSTRAP = `set -u
verb=$1
root=$2
done=${BOOTSTRAPPED}
begun=/var/lib/nestlet/bootstrap-begun
log=/var/log/nestlet-bootstrap.log
say() {
  console=/dev/console
  [ -c /dev/ttyS0 ] && console=/dev/ttyS0
  # A login prompt may stand there without an end of its line.
  printf '\\n%s\\n' "${BOOTSTRAP_MARKER}$1" >"$console"
}
# kubeadm's own errors; else its last words. In one line, without tokens: consoles are read by many.
reason() {
  { grep -E '^error|ERROR' "$log" || tail -n 5 "$log"; } |
    sed -E 's/([a-z0-9]{6})\\.[a-z0-9]{16}/\\1.***/g' | tr -s '\\n\\t' '  '
}

# What is written next means something only once all before it is on the disk.
settle() {
  [ "$root" = lost ] || sync
}

# A root that is kept has been a member before.
if [ -e "$done" ]; then
  say ready
  exit 0
fi
case $verb in
  init) set -- --skip-token-print ;;
  *) set -- ;;
esac
ignored=SystemVerification
delay=5
mkdir -p /var/lib/nestlet
read -r boot </proc/sys/kernel/random/boot_id
if [ -e "$begun" ]; then
  ignored=all
  read -r before <"$begun"
  if [ "$before" != "$boot" ]; then
    # Without this it does not wait for an API server.
    rm -f /etc/kubernetes/admin.conf
    kubeadm reset --force --skip-phases=remove-etcd-member >"$log" 2>&1
    cat "$log"
  fi
fi
echo "$boot" >"$begun"
settle
# kubeadm makes it on masters alone, and a kubelet without it complains once a second for good.
mkdir -p /etc/kubernetes/manifests
if [ -d ${KUBEADM_PATHS.authority} ]; then
  mkdir -p ${KUBEADM_PATHS.pki}
  cp -R ${KUBEADM_PATHS.authority}/. ${KUBEADM_PATHS.pki}/
fi
if [ -d ${EMULATION_PATCHES} ] && [ "$(systemd-detect-virt)" = qemu ]; then
  cp ${EMULATION_PATCHES}/* ${KUBEADM_PATHS.patches}/
fi
# Before each attempt.
await_master() {
  [ "$verb" = init ] || /bin/sh ${AWAIT_SCRIPT}
}

await_master
until kubeadm "$verb" --config ${KUBEADM_PATHS.config} --ignore-preflight-errors="$ignored" "$@" >"$log" 2>&1; do
  cat "$log"
  say "failed: $(reason)"
  sleep "$delay"
  [ "$delay" -ge 60 ] || delay=$((delay * 2))
  ignored=all
  await_master
done
cat "$log"
settle
: >"$done"
settle
rm -rf ${KUBEADM_PATHS.authority}
say ready
`;
