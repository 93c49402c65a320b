import type {
  InstanceSpec,
  InstanceStatus,
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineSpec,
  VirtualMachineStatus,
} from "../../src/api/resources.ts";
import type { PersistentVolumeClaim, Pod, PodStatus } from "../../src/kube/object.ts";

const metadata = {
  namespace: "ns",
  name: "a",
  uid: "0b7c6f1e-0000-4000-8000-000000000001",
  resourceVersion: "1",
  generation: 3,
  creationTimestamp: "2030-01-01T00:00:00Z",
};

/** The smallest spec of an instance, as the API server stores it. */
export const guestSpec: InstanceSpec = {
  domain: {
    cpu: { sockets: 1, cores: 1, threads: 1 },
    memory: { guest: "64Mi" },
    acceleration: "Prefer",
    devices: {
      autoattachPodInterface: true,
      disks: [{ name: "root", disk: { bus: "virtio", readonly: false } }],
    },
  },
  volumes: [{ name: "root", registryDisk: { image: "nestlet.dev/halt:1" } }],
  terminationGracePeriodSeconds: 30,
  startTimeoutSeconds: 300,
};

export function storedInstance(
  spec: Partial<InstanceSpec> = {},
  status?: InstanceStatus,
  meta: Partial<VirtualMachineInstance["metadata"]> = {},
): VirtualMachineInstance {
  return {
    apiVersion: "nestlet.dev/v1alpha1",
    kind: "VirtualMachineInstance",
    metadata: { ...metadata, ...meta },
    spec: { ...guestSpec, ...spec },
    ...(status === undefined ? {} : { status }),
  };
}

export function storedMachine(
  spec: Partial<VirtualMachineSpec>,
  status?: VirtualMachineStatus,
  meta: Partial<VirtualMachine["metadata"]> = {},
): VirtualMachine {
  return {
    apiVersion: "nestlet.dev/v1alpha1",
    kind: "VirtualMachine",
    metadata: { ...metadata, uid: "0b7c6f1e-0000-4000-8000-00000000000a", ...meta },
    spec: { template: { spec: guestSpec }, ...spec },
    ...(status === undefined ? {} : { status }),
  };
}

export function storedPod(
  status: PodStatus,
  spec: Partial<Pod["spec"]> = {},
  meta: Partial<Pod["metadata"]> = {},
): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...metadata, name: "virt-launcher-a", ...meta },
    spec: { containers: [], ...spec },
    status,
  };
}

/** A claim called `data`. */
export function storedClaim(
  requested: string,
  capacity?: string,
  spec: Partial<PersistentVolumeClaim["spec"]> = {},
  status: PersistentVolumeClaim["status"] = {},
): PersistentVolumeClaim {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { ...metadata, name: "data" },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: requested } }, ...spec },
    status: { ...(capacity === undefined ? {} : { capacity: { storage: capacity } }), ...status },
  };
}
