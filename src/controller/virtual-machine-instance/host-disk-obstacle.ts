import { LauncherReason } from "../../api/conditions.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import { forbiddenHostDisk } from "../launcher-pod/host-disks.ts";
import type { Obstacle } from "./status.ts";

/**
 * What stands in the way of a disk on the node. A pod that mounts folders of its node can read what is in them, so that
 * whoever runs the cluster says which.
 */
export function hostDiskObstacle(
  { spec }: Pick<VirtualMachineInstance, "spec">,
  folders: readonly string[] = [],
): Obstacle | undefined {
  const forbidden = forbiddenHostDisk(spec, folders);
  if (forbidden === undefined) return undefined;
  const { volume, path } = forbidden;
  const allowed = folders.length === 0 ? "allows none" : `allows them in ${folders.join(", ")} only`;
  return {
    reason: LauncherReason.HostDiskForbidden,
    message:
      `volume ${volume}: hostDisk ${path} is forbidden: the installation ${allowed}; have its folder added to ` +
      "launcher.hostDiskFolders of the Helm chart (--host-disk-folders), or take a persistentVolumeClaim",
  };
}
