/** Shapes of what the tests read; only the fields they look at. */
export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  /** Of a Node's conditions. */
  lastHeartbeatTime?: string;
}

export interface Instance {
  metadata: { name: string; uid: string };
  status?: {
    phase?: string;
    reason?: string;
    message?: string;
    nodeName?: string;
    podName?: string;
    accelerator?: { type: string; reason?: string };
    interfaces?: { name?: string; ipAddress?: string; ipAddresses?: string[] }[];
    conditions?: Condition[];
  };
}

export interface Machine {
  metadata: { name: string; uid: string };
  status?: { printableStatus?: string; ready?: boolean; conditions?: Condition[] };
}

export interface Pod {
  metadata: { name: string; uid: string; deletionTimestamp?: string };
  spec: { nodeName?: string; containers: { image: string }[] };
  status: { phase: string; podIP?: string; podIPs?: { ip: string }[] };
}

const API_VERSION = "nestlet.dev/v1alpha1";

interface Overrides {
  image?: string;
  memory?: string;
  acceleration?: string;
  ignition?: object;
  grace?: number;
  spec?: Record<string, unknown>;
}

/** The spec of an instance; without more, 64 MiB and a disk whose boot sector halts: qemu runs, nothing boots. */
export function instanceSpec(overrides: Overrides = {}): Record<string, unknown> {
  const {
    image = "nestlet.dev/halt:1",
    memory = "64Mi",
    acceleration,
    ignition,
    grace = 0,
    spec,
  } = overrides;
  return {
    terminationGracePeriodSeconds: grace,
    domain: {
      memory: { guest: memory },
      ...(acceleration === undefined ? {} : { acceleration }),
      devices: {
        disks: [{ name: "root", disk: { bus: "virtio" } }],
        interfaces: [{ name: "default", bridge: {} }],
      },
    },
    networks: [{ name: "default", pod: {} }],
    volumes: [
      { name: "root", registryDisk: { image } },
      ...(ignition === undefined ? [] : [{ name: "ignition", ignition }]),
    ],
    ...spec,
  };
}

export function instance(name: string, overrides?: Overrides): object {
  return {
    apiVersion: API_VERSION,
    kind: "VirtualMachineInstance",
    metadata: { name },
    spec: instanceSpec(overrides),
  };
}

export function machine(name: string, overrides?: Overrides, runStrategy = "Always"): object {
  return {
    apiVersion: API_VERSION,
    kind: "VirtualMachine",
    metadata: { name },
    spec: { runStrategy, template: { spec: instanceSpec(overrides) } },
  };
}

export function condition(
  object: { status?: { conditions?: Condition[] } },
  type: string,
): Condition | undefined {
  return object.status?.conditions?.find((each) => each.type === type);
}

/** What an instance's first interface has; empty: it has none yet. */
export function addressOf({ status }: Instance): string {
  return status?.interfaces?.[0]?.ipAddress ?? "";
}
