import type { HostDiskSource } from "../../launch-plan/launch-plan.ts";
import type { PreparedSource } from "../domain/domain-spec.ts";
import { prepareDiskFile } from "./disk-file.ts";

/**
 * Finds a disk file of the node, or makes it where that was asked for.
 * @throws StartError naming its path on the node, what was found and the remedy
 */
export async function prepareHostDisk(source: HostDiskSource, readOnly: boolean): Promise<PreparedSource> {
  const { path: file, hostPath, createBytes } = source;
  const disk = {
    file,
    subject: `host disk ${hostPath}`,
    remedies: {
      missing:
        "put it on the node that the pod runs on, or set type: DiskOrCreate to begin with an empty disk",
      unwritable: "set readonly: true on the disk, or let the file be written to",
    },
    ...(createBytes === undefined ? {} : { createBytes }),
  };
  return prepareDiskFile(disk, readOnly);
}
