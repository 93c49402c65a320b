interface Condition {
  type: string;
  status: string;
}

interface WithStatus {
  status?: { phase?: string; conditions?: Condition[] };
}

/** The least pod there is: the sandbox's own image. */
export function pausePod(name: string): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      containers: [
        {
          name: "pause",
          image: process.env["PAUSE_IMAGE"] ?? "nestlet.dev/pause:1",
          imagePullPolicy: "Never",
        },
      ],
    },
  };
}

/** 64 MiB of memory and a disk whose boot sector halts: qemu runs, nothing boots. */
export function haltInstance(name: string): object {
  return {
    apiVersion: "nestlet.dev/v1alpha1",
    kind: "VirtualMachineInstance",
    metadata: { name },
    spec: {
      terminationGracePeriodSeconds: 0,
      domain: {
        memory: { guest: "64Mi" },
        devices: {
          disks: [{ name: "root", disk: { bus: "virtio" } }],
          interfaces: [{ name: "default", bridge: {} }],
        },
      },
      networks: [{ name: "default", pod: {} }],
      volumes: [{ name: "root", registryDisk: { image: "nestlet.dev/halt:1" } }],
    },
  };
}

export function isReadyPod(pod: WithStatus): boolean {
  return pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
}

export function isRunningInstance(instance: WithStatus): boolean {
  return instance.status?.phase === "Running";
}
