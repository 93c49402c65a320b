import { hostnameOf } from "../../api/names.ts";
import {
  virtualMachines,
  type Devices,
  type Disk,
  type InstanceSpec,
  type RegistryDiskVolume,
  type VirtualMachineInstance,
  type Volume,
} from "../../api/resources.ts";
import { controllerOf } from "../../kube/ownership.ts";
import { parseQuantity } from "../../kube/quantity.ts";
import {
  LAUNCH_PLAN_VERSION,
  type ClaimSource,
  type CpuPlan,
  type DiskPlan,
  type DiskSource,
  type InterfacePlan,
  type LaunchPlan,
} from "../../launch-plan/launch-plan.ts";
import { BLOCK_DEVICE_DIR, CLAIM_DIR, REGISTRY_DISK_DIR } from "../../launch-plan/pod-contract.ts";
import type { ClaimFacts, Claims } from "./claims.ts";
import { ignitionPlanOf, initDiskOf } from "./init-data.ts";
import { sshKeysOf } from "./ssh-keys.ts";

const MiB = 2 ** 20;

/**
 * Resolves an instance into what its launcher needs to know. The schema of the CRD has filled in defaults and refused
 * what does not fit together; what it cannot express is decided here.
 * @param claims at least those that the spec names
 */
export function launchPlanOf(instance: VirtualMachineInstance, claims: Claims): LaunchPlan {
  const { metadata, spec } = instance;
  const { domain } = spec;
  const ignition = ignitionPlanOf(spec);
  return {
    version: LAUNCH_PLAN_VERSION,
    namespace: metadata.namespace,
    name: metadata.name,
    uid: metadata.uid,
    identity: identityOf(instance),
    hostname: spec.hostname ?? hostnameOf(metadata.name),
    cpu: cpuPlanOf(spec),
    memoryBytes: guestMemoryBytes(spec),
    acceleration: domain.acceleration ?? "Prefer",
    firmware: { ...domain.firmware },
    disks: (domain.devices?.disks ?? []).map((disk) => diskPlanOf(disk, spec, claims)),
    interfaces: interfacePlansOf(domain.devices ?? {}),
    ...(ignition === undefined ? {} : { ignition }),
    ...(domain.devices?.autoattachGraphicsDevice === false ? {} : { graphics: true }),
    ...(spec.livenessProbe === undefined ? {} : { livenessProbe: true }),
    timeouts: {
      startSeconds: spec.startTimeoutSeconds ?? 300,
      gracePeriodSeconds: gracePeriodSeconds(spec),
    },
  };
}

/** How long the guest may take to shut down; the schema's default where the spec was stored without. */
export function gracePeriodSeconds(spec: InstanceSpec): number {
  return spec.terminationGracePeriodSeconds ?? 30;
}

/** Memory that the guest sees: a whole number of MiB. */
export function guestMemoryBytes(spec: InstanceSpec): number {
  const quantity = spec.domain.memory?.guest ?? spec.domain.resources?.requests?.memory;
  if (quantity === undefined)
    throw new RangeError("spec.domain.memory.guest is missing; give for example 1Gi");
  return Math.ceil(parseQuantity(quantity) / MiB) * MiB;
}

/** Number of virtual CPUs. */
export function cpuCount(spec: InstanceSpec): number {
  const { sockets, cores, threads } = cpuPlanOf(spec);
  return sockets * cores * threads;
}

/** The container image's disk of a volume under either of its two names. */
export function registryDiskOf(volume: Volume): RegistryDiskVolume | undefined {
  return volume.registryDisk ?? volume.containerDisk;
}

function identityOf(instance: VirtualMachineInstance): string {
  const owner = controllerOf(instance);
  return owner?.kind === virtualMachines.kind ? owner.uid : instance.metadata.uid;
}

function cpuPlanOf(spec: InstanceSpec): CpuPlan {
  const { sockets = 1, cores = 1, threads = 1, model } = spec.domain.cpu ?? {};
  return { sockets, cores, threads, ...(model === undefined ? {} : { model }) };
}

function diskPlanOf(disk: Disk, spec: InstanceSpec, claims: Claims): DiskPlan {
  const volume = spec.volumes?.find(({ name }) => name === disk.name);
  if (volume === undefined) throw new RangeError(`disk "${disk.name}" has no volume; add it to spec.volumes`);
  const initDisk = initDiskOf(volume, sshKeysOf(spec));
  return {
    name: disk.name,
    bus: disk.disk?.bus ?? "virtio",
    ...(disk.bootOrder === undefined ? {} : { bootOrder: disk.bootOrder }),
    ...(disk.serial === undefined ? {} : { serial: disk.serial }),
    readOnly: initDisk !== undefined || isReadOnly(disk, volume),
    source: initDisk ?? diskSourceOf(volume, claims),
  };
}

function isReadOnly({ disk }: Disk, volume: Volume): boolean {
  return disk?.readonly === true || volume.persistentVolumeClaim?.readOnly === true;
}

function diskSourceOf(volume: Volume, claims: Claims): DiskSource {
  const registryDisk = registryDiskOf(volume);
  if (registryDisk !== undefined) {
    const { image, path, capacity, overlay } = registryDisk;
    return {
      kind: "RegistryDisk",
      image,
      mountPath: `${REGISTRY_DISK_DIR}/${volume.name}`,
      ...(path === undefined ? {} : { path }),
      ...(capacity === undefined ? {} : { capacityBytes: Math.ceil(parseQuantity(capacity)) }),
      ...(overlay === undefined ? {} : { overlay: { ...overlay, path: `${CLAIM_DIR}/${volume.name}` } }),
    };
  }
  if (volume.persistentVolumeClaim !== undefined) return claimSourceOf(volume, claims);
  if (volume.emptyDisk !== undefined) {
    return { kind: "EmptyDisk", capacityBytes: Math.ceil(parseQuantity(volume.emptyDisk.capacity)) };
  }
  throw new RangeError(`volume "${volume.name}" has no source that a disk can be made of`);
}

function claimSourceOf({ name, persistentVolumeClaim }: Volume, claims: Claims): ClaimSource {
  const { claimName = "", create = false } = persistentVolumeClaim ?? {};
  const { volumeMode, capacityBytes } = factsOf(claims, claimName);
  const kind = "PersistentVolumeClaim";
  if (volumeMode === "Block") return { kind, claimName, volumeMode, path: `${BLOCK_DEVICE_DIR}/${name}` };
  const path = `${CLAIM_DIR}/${name}`;
  return { kind, claimName, volumeMode, path, ...(create ? { createBytes: capacityBytes } : {}) };
}

function factsOf(claims: Claims, name: string): ClaimFacts {
  const facts = claims.get(name);
  if (facts === undefined) throw new RangeError(`nothing is known of claim "${name}"`);
  return facts;
}

/** A guest that lists no interface gets one on the pod network, unless that is switched off. */
export function interfacePlansOf(devices: Devices): InterfacePlan[] {
  const listed = devices.interfaces ?? [];
  if (listed.length === 0) {
    return devices.autoattachPodInterface === false
      ? []
      : [{ name: "default", binding: "bridge", model: "virtio" }];
  }
  return listed.map(({ name, model = "virtio", macAddress }) => ({
    name,
    binding: "bridge",
    model,
    ...(macAddress === undefined ? {} : { macAddress: macAddress.toLowerCase() }),
  }));
}
