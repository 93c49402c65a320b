import type { Container } from "../../kube/object.ts";

/**
 * All that a launcher may do beyond an ordinary container, and why:
 *
 * - privileged, for
 *   - devices: /dev/net/tun for the guest's interface, /dev/kvm and /dev/vhost-net where the node has them; without a device
 *     plugin only a privileged container gets devices of its node;
 *   - a /proc/sys that can be written: the pod answers ARP for nobody (bridge), or forwards (masquerade, IPv6);
 *   - CAP_NET_ADMIN: bridge, tap device, moving the pod's address to the guest, nftables;
 *   - CAP_NET_RAW: dnsmasq's router advertisements, where the pod has IPv6;
 *   - CAP_SYS_RESOURCE, CAP_SYS_NICE: libvirtd starts qemu with resource limits of its own;
 *   - CAP_DAC_OVERRIDE: disks on claims and in images belong to whoever wrote them.
 * - root: libvirtd's system instance runs as root.
 * - files of its node: only the folder of a hostDisk, where the installation allows that (--host-disk-folders), and huge
 *   pages, where the spec asks for them.
 *
 * It gets no token of a service account, no network or process table of its node, and no capability in any container
 * beside it: those that copy images (image-copy.ts) have CAP_DAC_OVERRIDE alone.
 */
export const launcherSecurityContext: NonNullable<Container["securityContext"]> = {
  privileged: true,
  runAsUser: 0,
};
