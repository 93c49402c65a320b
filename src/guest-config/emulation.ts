import type { IgnitionUnit } from "./ignition.ts";

/**
 * What a guest does otherwise where its processor is emulated. It finds out by itself (systemd-detect-virt says qemu,
 * and kvm where processors are real), since a member may come back on another node.
 */

const ENVIRONMENT = "/run/nestlet/emulation.env";
const TIMER_SLACK_NS = 50_000_000;

/**
 * - Timer slack: Go programs take naps of 20 µs while they look whether a thread hangs (runtime/proc.go, sysmon), and
 *   have loops and timers by the hundred; for each that ends, an emulated processor works 0.2 to 0.8 ms. With this much
 *   slack they end together with something else. What waits for data does not wait longer. Set for systemd before it
 *   starts the services, so that these and their containers inherit it.
 * - Fixed addresses: an emulator translates a program anew for each address it is loaded at, so that each start of one
 *   costs three times as much.
 * - GOMAXPROCS: a Go program that has work for one processor wakes the others to look for more; each change from one
 *   program to another makes an emulated processor forget all it knows of the page tables.
 */
export const EMULATION_UNIT: IgnitionUnit = {
  name: "nestlet-emulation.service",
  enabled: true,
  contents: `[Unit]
Description=Save work for an emulated processor
ConditionVirtualization=qemu
Before=containerd.service kubelet.service nestlet-bootstrap.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'echo ${String(TIMER_SLACK_NS)} >/proc/1/timerslack_ns'
ExecStart=/bin/sh -c 'echo 0 >/proc/sys/kernel/randomize_va_space'
ExecStart=/bin/sh -c 'mkdir -p /run/nestlet && echo GOMAXPROCS=1 >${ENVIRONMENT}'

[Install]
WantedBy=multi-user.target
`,
};

/** For the services that are Go programs. */
export const EMULATION_DROPIN = {
  name: "30-nestlet-emulation.conf",
  contents: `[Service]
EnvironmentFile=-${ENVIRONMENT}
`,
};

/**
 * kubeadm's patches by the names of their files, to be used besides the others under emulation. Not for the API server:
 * with one processor it is so slow at its start that its own first requests time out, and it ends.
 */
export function emulationPatches(): Record<string, object> {
  const names = ["etcd", "kube-controller-manager", "kube-scheduler"];
  const env = [{ name: "GOMAXPROCS", value: "1" }];
  const pods = names.map((name) => [`${name}-emulated+strategic.json`, podOf({ name, env })] as const);
  // It asks itself once a second whether it is well (plugin health), a request with an answer between goroutines.
  const coredns = { spec: { template: podOf({ name: "coredns", env }) } };
  return { ...Object.fromEntries(pods), "corednsdeployment-emulated+strategic.json": coredns };
}

function podOf(container: object): object {
  return { spec: { containers: [container] } };
}
