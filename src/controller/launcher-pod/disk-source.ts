import { posix } from "node:path";
import type { Disk, InstanceSpec, RegistryDiskVolume, Volume } from "../../api/resources.ts";
import { parseQuantity } from "../../kube/quantity.ts";
import type {
  ClaimSource,
  DiskPlan,
  DiskSource,
  EphemeralClaimSource,
  HostDiskSource,
  RegistryDiskSource,
} from "../../launch-plan/launch-plan.ts";
import {
  BLOCK_DEVICE_DIR,
  CLAIM_DIR,
  HOST_DISK_DIR,
  INIT_DATA_DIR,
  REGISTRY_DISK_DIR,
} from "../../launch-plan/pod-contract.ts";
import type { ClaimFacts, Claims } from "./claims.ts";
import { given } from "./given.ts";
import { initSourceOf } from "./init-data.ts";
import { sshKeysOf } from "./ssh-keys.ts";

/** By which a guest finds the disk of a ConfigMap or Secret that names no label: KubeVirt's. */
const DEFAULT_LABEL = "cfgdata";

/** The container image's disk of a volume under either of its two names. */
export function registryDiskOf(volume: Volume): RegistryDiskVolume | undefined {
  return volume.registryDisk ?? volume.containerDisk;
}

/**
 * @param claims at least those that the spec names
 * @throws RangeError when an older schema let a disk through that has no volume
 */
export function diskPlanOf(disk: Disk, spec: InstanceSpec, claims: Claims): DiskPlan {
  const volume = spec.volumes?.find(({ name }) => name === disk.name);
  if (volume === undefined) throw new RangeError(`disk "${disk.name}" has no volume; add it to spec.volumes`);
  const { name, bootOrder, serial, cache, io } = disk;
  const fixed = initSourceOf(volume, sshKeysOf(spec)) ?? filesOf(volume);
  return {
    name,
    ...busOf(disk),
    ...given({ cache, io, bootOrder, serial }),
    readOnly: fixed !== undefined || isReadOnly(disk, volume),
    source: fixed ?? diskSourceOf(volume, claims),
  };
}

function busOf({ disk, cdrom }: Disk): Pick<DiskPlan, "bus" | "cdrom"> {
  if (cdrom !== undefined) return { bus: cdrom.bus ?? "sata", cdrom: true };
  return { bus: disk?.bus ?? "virtio" };
}

function isReadOnly({ disk, cdrom }: Disk, volume: Volume): boolean {
  return cdrom !== undefined || disk?.readonly === true || volume.persistentVolumeClaim?.readOnly === true;
}

/** A ConfigMap or Secret whose keys become files. */
function filesOf({ name, configMap, secret }: Volume): DiskSource | undefined {
  const source = configMap ?? secret;
  if (source === undefined) return undefined;
  return { kind: "Files", folder: `${INIT_DATA_DIR}/${name}`, label: source.volumeLabel ?? DEFAULT_LABEL };
}

function diskSourceOf(volume: Volume, claims: Claims): DiskSource {
  const registryDisk = registryDiskOf(volume);
  if (registryDisk !== undefined) return registrySourceOf(volume.name, registryDisk);
  if (volume.persistentVolumeClaim !== undefined) return claimSourceOf(volume, claims);
  if (volume.ephemeral !== undefined) return ephemeralSourceOf(volume, claims);
  if (volume.hostDisk !== undefined) return hostDiskSourceOf(volume.name, volume.hostDisk);
  if (volume.emptyDisk !== undefined) {
    return { kind: "EmptyDisk", capacityBytes: Math.ceil(parseQuantity(volume.emptyDisk.capacity)) };
  }
  throw new RangeError(`volume "${volume.name}" has no source that a disk can be made of`);
}

function registrySourceOf(name: string, volume: RegistryDiskVolume): RegistryDiskSource {
  const { image, path, capacity, overlay } = volume;
  return {
    kind: "RegistryDisk",
    image,
    mountPath: `${REGISTRY_DISK_DIR}/${name}`,
    ...(path === undefined ? {} : { path }),
    ...(capacity === undefined ? {} : { capacityBytes: Math.ceil(parseQuantity(capacity)) }),
    ...(overlay === undefined ? {} : { overlay: { ...overlay, path: `${CLAIM_DIR}/${name}` } }),
  };
}

function claimSourceOf({ name, persistentVolumeClaim }: Volume, claims: Claims): ClaimSource {
  const { claimName = "", create = false } = persistentVolumeClaim ?? {};
  const { volumeMode, capacityBytes } = factsOf(claims, claimName);
  const kind = "PersistentVolumeClaim";
  if (volumeMode === "Block") return { kind, claimName, volumeMode, path: `${BLOCK_DEVICE_DIR}/${name}` };
  const path = `${CLAIM_DIR}/${name}`;
  return { kind, claimName, volumeMode, path, ...(create ? { createBytes: capacityBytes } : {}) };
}

function ephemeralSourceOf({ name, ephemeral }: Volume, claims: Claims): EphemeralClaimSource {
  const claimName = ephemeral?.persistentVolumeClaim.claimName ?? "";
  const { volumeMode } = factsOf(claims, claimName);
  const folder = volumeMode === "Block" ? BLOCK_DEVICE_DIR : CLAIM_DIR;
  return { kind: "EphemeralClaim", claimName, volumeMode, path: `${folder}/${name}` };
}

function hostDiskSourceOf(name: string, disk: NonNullable<Volume["hostDisk"]>): HostDiskSource {
  const { path: hostPath, type, capacity } = disk;
  const made = type === "DiskOrCreate" && capacity !== undefined;
  return {
    kind: "HostDisk",
    hostPath,
    path: `${HOST_DISK_DIR}/${name}/${posix.basename(hostPath)}`,
    ...(made ? { createBytes: Math.ceil(parseQuantity(capacity)) } : {}),
  };
}

function factsOf(claims: Claims, name: string): ClaimFacts {
  const facts = claims.get(name);
  if (facts === undefined) throw new RangeError(`nothing is known of claim "${name}"`);
  return facts;
}
