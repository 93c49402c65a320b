import { posix } from "node:path";
import type { InstanceSpec, Volume } from "../../api/resources.ts";
import type { PodVolume } from "../../kube/object.ts";

/**
 * The volume of an instance whose disk lies in no folder of the node that the installation allows; undefined when all do.
 * @param folders absolute, without a slash at their end
 */
export function forbiddenHostDisk(
  { volumes = [] }: Pick<InstanceSpec, "volumes">,
  folders: readonly string[],
): { volume: string; path: string } | undefined {
  for (const { name, hostDisk } of volumes) {
    if (hostDisk === undefined) continue;
    const path = posix.normalize(hostDisk.path);
    if (!folders.some((folder) => path.startsWith(`${folder}/`))) return { volume: name, path };
  }
  return undefined;
}

/** The folder of the node that a disk lies in. It is made where it is missing: the launcher says what is missing in it. */
export function hostDiskVolumeOf({ name, hostDisk }: Volume): PodVolume | undefined {
  if (hostDisk === undefined) return undefined;
  return {
    name,
    hostPath: { path: posix.dirname(posix.normalize(hostDisk.path)), type: "DirectoryOrCreate" },
  };
}
