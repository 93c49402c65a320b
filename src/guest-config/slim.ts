import type { IgnitionUnit } from "./ignition.ts";

/**
 * What makes a guest cluster small: Kubernetes' defaults suit hundreds of machines with idle processors, and cost a
 * node that emulates its processor most of a core. Nothing here makes the cluster do less; it looks less often. A lost
 * node is still noticed within a minute: its Lease is renewed each 10 s, has a grace of 40 s, and is looked at each 5 s.
 */

/**
 * Go programs take naps of 20 µs while they look whether a thread hangs (runtime/proc.go, sysmon), thousands a second
 * over all of Kubernetes, and an emulated processor works some 0.2 ms for each. With this much slack the naps end
 * together with something else; they never get longer than the 10 ms that Go lets them grow to by itself.
 * Set for systemd itself before it starts the services, so that these and their containers inherit it. Where the
 * processor is no emulated one (systemd-detect-virt says kvm) naps cost nothing, and pods may want exact timers.
 */
export const TIMER_SLACK_UNIT: IgnitionUnit = {
  name: "nestlet-timer-slack.service",
  enabled: true,
  contents: `[Unit]
Description=Fewer timer interrupts on an emulated processor
ConditionVirtualization=qemu
Before=containerd.service kubelet.service nestlet-bootstrap.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'echo 8000000 >/proc/1/timerslack_ns'

[Install]
WantedBy=multi-user.target
`,
};

/** An argument in kubeadm's v1beta4 form. */
export interface Arg {
  name: string;
  value: string;
}

function args(values: Record<string, string>): Arg[] {
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}

/** With one master there is nobody to elect a leader against; a Lease would be renewed every 2 s. */
function electionArgs(masters: "one" | "more"): Record<string, string> {
  return masters === "one" ? { "leader-elect": "false" } : {};
}

export const API_SERVER_ARGS: Arg[] = args({
  profiling: "false",
  // Its queues are borrowed between and measured all the time; a small cluster has no flood to fear.
  "enable-priority-and-fairness": "false",
  // 2 s by default, which an emulated etcd exceeds now and then: the server would seem to come and go.
  "etcd-healthcheck-timeout": "15s",
  "etcd-readycheck-timeout": "15s",
});

export function controllerManagerArgs(masters: "one" | "more"): Arg[] {
  return args({
    ...electionArgs(masters),
    profiling: "false",
    // A member's pod range follows from its number.
    "allocate-node-cidrs": "false",
    "node-monitor-grace-period": "40s",
    // Loops that ask again although nothing has changed.
    "horizontal-pod-autoscaler-sync-period": "60s",
    "pvclaimbinder-sync-period": "5m",
    "resource-quota-sync-period": "30m",
    "attach-detach-reconcile-sync-period": "5m",
  });
}

export function schedulerArgs(masters: "one" | "more"): Arg[] {
  return args({ ...electionArgs(masters), profiling: "false" });
}

export function etcdArgs(root: "kept" | "lost"): Arg[] {
  return args({
    // Ticks ten times a second by default. An election takes ten times as long as a heartbeat, as etcd advises.
    "heartbeat-interval": "500",
    "election-timeout": "5000",
    // What would be lost by a crash of the machine is lost with its disk anyway.
    ...(root === "lost" ? { "unsafe-no-fsync": "true" } : {}),
  });
}

export const KUBELET_ARGS: Arg[] = args({
  // cAdvisor reads every container's cgroup this often, 10 s by default.
  "housekeeping-interval": "60s",
});

/** Fields of KubeletConfiguration. */
export const KUBELET_SETTINGS = {
  // How often the kubelet works out its own status; that it is alive, its Lease says.
  nodeStatusUpdateFrequency: "30s",
  nodeLeaseDurationSeconds: 40,
  // Pods are synchronised when they change; this is in case a change was missed.
  syncFrequency: "5m",
  // Walks through the files of each volume.
  volumeStatsAggPeriod: "10m",
  containerLogMonitorInterval: "1m",
  enableProfilingHandler: false,
  enableContentionProfiling: false,
  // An emulated guest takes its time to start a container.
  runtimeRequestTimeout: "5m",
};

/** Fields of KubeProxyConfiguration. */
export const PROXY_SETTINGS = {
  mode: "iptables",
  // Rules are written when Services change; this is in case somebody else has changed them.
  iptables: { syncPeriod: "15m", minSyncPeriod: "1s" },
  // The guest's own table is large enough.
  conntrack: { maxPerCore: 0, min: 0 },
};

/** A probe of an API server is a TLS handshake; kubeadm's readiness probes ask for one each second. */
const READINESS = { periodSeconds: 15, failureThreshold: 2 };
const LIVENESS = { periodSeconds: 30 };

/** Requests that leave room for pods on a machine of two processors. */
const STATIC_POD_CPU: Record<string, string> = {
  etcd: "50m",
  "kube-apiserver": "150m",
  "kube-controller-manager": "50m",
  "kube-scheduler": "20m",
};
/** kubeadm gives it no readiness probe. */
const WITHOUT_READINESS = ["kube-controller-manager"];

/** kubeadm's patches by the names of their files; strategic merges. */
export function patches(): Record<string, object> {
  const pods = Object.entries(STATIC_POD_CPU).map(([name, cpu]) => {
    const readiness = WITHOUT_READINESS.includes(name) ? {} : { readinessProbe: READINESS };
    const container = { name, livenessProbe: LIVENESS, ...readiness, resources: { requests: { cpu } } };
    return [`${name}+strategic.json`, { spec: { containers: [container] } }] as const;
  });
  return { ...Object.fromEntries(pods), "corednsdeployment+strategic.json": COREDNS };
}

const COREDNS = {
  spec: {
    // A second one on the same master would guard against nothing.
    replicas: 1,
    template: {
      spec: {
        containers: [
          {
            name: "coredns",
            livenessProbe: { periodSeconds: 60 },
            readinessProbe: { periodSeconds: 15 },
            resources: { requests: { cpu: "20m", memory: "40Mi" } },
          },
        ],
      },
    },
  },
};
