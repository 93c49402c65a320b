import type { Container } from "../../kube/object.ts";

/**
 * All that a launcher may do beyond an ordinary container, and why:
 *
 * - privileged: it needs /dev/net/tun for the guest's interface and /dev/kvm where the node has it, and without a
 *   device plugin only a privileged container gets devices of its node. The network setup (bridge, moving the pod's
 *   address to the guest) needs CAP_NET_ADMIN; libvirtd starts qemu with resource limits of its own (CAP_SYS_RESOURCE,
 *   CAP_SYS_NICE).
 * - root: libvirtd's system instance runs as root.
 *
 * It gets no token of a service account, no network, process table or files of its node.
 */
export const launcherSecurityContext: NonNullable<Container["securityContext"]> = {
  privileged: true,
  runAsUser: 0,
};
