import { EMULATION_DROPIN } from "./emulation.ts";
import { file, type IgnitionFile, type IgnitionUnit } from "./ignition.ts";

/**
 * Kubernetes on a disk of its own: a read-only file system laid out as a systemd system extension (sysext), which the
 * member merges into its /usr at each boot. So one image of it serves any system with systemd 252 or newer, whose own
 * /usr may be read-only.
 * @see https://uapi-group.org/specifications/specs/extension_image/
 */

/** Serial of the disk, by which the guest finds it; at most 20 characters. */
export const PAYLOAD_SERIAL = "nestlet-payload";

/** Name of the extension: of its folder in the guest, and of the file extension-release.NAME in it. */
export const EXTENSION_NAME = "nestlet";

/** Where the extension has its CNI plugins. /opt, the usual place, is a link on some systems, and has to stay writable. */
export const PAYLOAD_CNI_FOLDER = "/usr/libexec/cni";

/** The container images, in one archive. */
export const PAYLOAD_IMAGES = "/usr/share/nestlet/images.tar";

const FOLDER = `/run/extensions/${EXTENSION_NAME}`;
const MOUNT = `run-extensions-${EXTENSION_NAME}.mount`;
const MERGE = "nestlet-payload.service";
const IMPORT = "nestlet-images.service";
const IMPORTED = "/var/lib/nestlet/images";

export function payloadFiles(): IgnitionFile[] {
  return [file("/etc/containerd/config.toml", CONTAINERD_CONFIG, 0o644)];
}

export const PAYLOAD_UNITS: readonly IgnitionUnit[] = [
  {
    name: MOUNT,
    // nofail: without the disk the machine still boots to a login.
    contents: `[Unit]
Description=Disk with Kubernetes

[Mount]
What=/dev/disk/by-id/virtio-${PAYLOAD_SERIAL}
Where=${FOLDER}
Options=ro,nofail
`,
  },
  {
    name: MERGE,
    enabled: true,
    contents: `[Unit]
Description=Merge Kubernetes from its disk into /usr
Requires=${MOUNT}
After=${MOUNT} systemd-sysext.service
Before=containerd.service kubelet.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=systemd-sysext refresh
# Only now there are its units; they wait for this one's end.
ExecStart=systemctl daemon-reload
ExecStart=systemctl --no-block start ${IMPORT} kubelet.service

[Install]
WantedBy=multi-user.target
`,
  },
  {
    name: IMPORT,
    contents: `[Unit]
Description=Take the container images from the disk with Kubernetes
Requires=${MERGE} containerd.service
After=${MERGE} containerd.service
ConditionPathExists=!${IMPORTED}

[Service]
Type=oneshot
RemainAfterExit=yes
StateDirectory=nestlet
ExecStart=ctr --namespace=k8s.io images import --local ${PAYLOAD_IMAGES}
ExecStart=touch ${IMPORTED}
`,
  },
];

/** A containerd that the image may have gets no chance to start before the disk's has taken its place. */
export const CONTAINERD_AFTER_PAYLOAD: IgnitionUnit = {
  name: "containerd.service",
  dropins: [
    {
      name: "20-nestlet.conf",
      contents: `[Unit]
Requires=${MERGE}
After=${MERGE}
`,
    },
    EMULATION_DROPIN,
  ],
};

/** Wanted, not required: the bootstrap runs without the disk too, and says on the console that kubeadm is missing. */
export const BOOTSTRAP_AFTER_PAYLOAD = { wants: ` ${MERGE}`, after: ` ${MERGE} ${IMPORT}` };

/** As in the image coreos-lab, but for the folder of the CNI plugins. */
const CONTAINERD_CONFIG = `version = 3

# Each look asks every container's shim; once a second, as is the default, costs an emulated guest half a processor.
[plugins."io.containerd.cri.v1.images"]
  stats_collect_period = 300

[plugins."io.containerd.cri.v1.runtime"]
  stats_collect_period = "60s"
  stats_retention_period = "5m"
  [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
      SystemdCgroup = true
  [plugins."io.containerd.cri.v1.runtime".cni]
    bin_dirs = ["${PAYLOAD_CNI_FOLDER}", "/opt/cni/bin"]
    conf_dir = "/etc/cni/net.d"
`;
