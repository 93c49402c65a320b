import type { InstanceSpec, Volume } from "../../api/resources.ts";
import { parseQuantity } from "../../kube/quantity.ts";
import type { PersistentVolumeClaim } from "../../kube/object.ts";

const MiB = 2 ** 20;

/** How an instance uses a PersistentVolumeClaim of its namespace. */
export interface ClaimUse {
  /** Name of the instance's volume. */
  volume: string;
  claimName: string;
  /** Nothing is written to it. */
  readOnly: boolean;
  /** Only a claim with a file system will do. */
  fileSystem: boolean;
}

/** What a launch depends on of a claim. */
export interface ClaimFacts {
  volumeMode: "Filesystem" | "Block";
  /** Size in bytes; a multiple of 1 MiB. */
  capacityBytes: number;
}

/** The claims of an instance by their names. */
export type Claims = ReadonlyMap<string, ClaimFacts>;

/** Every use of a claim that a spec makes. */
export function claimUsesOf({ volumes = [] }: Pick<InstanceSpec, "volumes">): ClaimUse[] {
  return volumes.flatMap((volume) => {
    const use = claimOf(volume);
    return use === undefined ? [] : [{ volume: volume.name, ...use }];
  });
}

function claimOf({ persistentVolumeClaim: claim, ...volume }: Volume): Omit<ClaimUse, "volume"> | undefined {
  if (claim !== undefined) {
    return { claimName: claim.claimName, readOnly: claim.readOnly ?? false, fileSystem: false };
  }
  if (volume.ephemeral !== undefined) {
    const { claimName } = volume.ephemeral.persistentVolumeClaim;
    return { claimName, readOnly: true, fileSystem: false };
  }
  const overlay = (volume.registryDisk ?? volume.containerDisk)?.overlay;
  return overlay && { claimName: overlay.claimName, readOnly: false, fileSystem: true };
}

/**
 * What the API server tells of a claim. Its size is what was asked for, or less where its volume has not grown to that
 * yet: a volume may be larger than its claim, and the rest of it is not the claim's to use.
 */
export function claimFactsOf({ spec, status }: PersistentVolumeClaim): ClaimFacts {
  const requested = parseQuantity(spec.resources?.requests?.["storage"] ?? 0);
  const capacity = status?.capacity?.["storage"];
  const bytes = capacity === undefined ? requested : Math.min(requested, parseQuantity(capacity));
  return {
    volumeMode: spec.volumeMode === "Block" ? "Block" : "Filesystem",
    capacityBytes: Math.floor(bytes / MiB) * MiB,
  };
}
