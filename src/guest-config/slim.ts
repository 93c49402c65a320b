/**
 * What makes a guest cluster small: Kubernetes' defaults suit hundreds of machines with idle processors, and cost a
 * node that emulates its processor most of a core. Nothing here makes the cluster do less; it looks less often. A lost
 * node is still noticed within a minute: its Lease is renewed each 10 s, has a grace of 40 s, and is looked at each 5 s.
 */

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
  // Figures for its metrics, one question for each of eighty kinds of objects a minute.
  "etcd-count-metric-poll-period": "30m",
  "etcd-db-metric-poll-interval": "10m",
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

/** @param version of Kubernetes, such as v1.36.3; from 1.34 on kubeadm brings etcd 3.6 */
export function etcdArgs(root: "kept" | "lost", version: string): Arg[] {
  const [, minor] = version.split(".").map(Number);
  const progress = "watch-progress-notify-interval";
  return args({
    // Ticks ten times a second by default. An election takes ten times as long as a heartbeat, as etcd advises.
    "heartbeat-interval": "500",
    "election-timeout": "5000",
    // Writes its pages out ten times a second by default; what is younger than that is in its log.
    "backend-batch-interval": "1s",
    // kubeadm has etcd tell each of the API server's eighty watches every 5 s that nothing has happened. One that has to
    // know it sooner asks.
    [minor !== undefined && minor < 34 ? `experimental-${progress}` : progress]: "60s",
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
  // How often it writes a status that has not changed. Left out, it would be the line above, and no longer 5 minutes.
  nodeStatusReportFrequency: "5m",
  nodeLeaseDurationSeconds: 40,
  // Pods are synchronised when they change; this is in case a change was missed.
  syncFrequency: "5m",
  // Reads the static pods' manifests again; the kernel tells of changes (inotify), this is in case it did not.
  fileCheckFrequency: "1m",
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
