import type { Filesystem, InstanceSpec, Volume } from "../../api/resources.ts";
import type { FilesystemPlan } from "../../launch-plan/launch-plan.ts";
import { INIT_DATA_DIR } from "../../launch-plan/pod-contract.ts";
import { initSourceOf } from "./init-data.ts";
import { sshKeysOf } from "./ssh-keys.ts";

/** The tag by which coreos-cloudinit and others look for a config drive: the label that it has as a disk. */
const CONFIG_DRIVE_TAG = "config-2";

/** What is shared, under which tag. @throws RangeError when an older schema let a filesystem through that cannot be */
export function filesystemPlansOf(spec: InstanceSpec): FilesystemPlan[] {
  return (spec.domain.devices?.filesystems ?? []).map((filesystem) => filesystemPlanOf(filesystem, spec));
}

function filesystemPlanOf({ name }: Filesystem, spec: InstanceSpec): FilesystemPlan {
  const volume = spec.volumes?.find((each) => each.name === name);
  if (volume === undefined) {
    throw new RangeError(`filesystem "${name}" has no volume; add it to spec.volumes`);
  }
  if (hasFiles(volume)) {
    return { name, tag: name, source: { kind: "Folder", path: `${INIT_DATA_DIR}/${name}` } };
  }
  const source = volume.cloudInitNoCloud === undefined ? initSourceOf(volume, sshKeysOf(spec)) : undefined;
  if (source === undefined) {
    throw new RangeError(
      `filesystem "${name}": only configMap, secret, cloudInitConfigDrive and ignition volumes can be shared; ` +
        "make it a disk",
    );
  }
  return { name, tag: CONFIG_DRIVE_TAG, source };
}

function hasFiles({ configMap, secret }: Volume): boolean {
  return configMap !== undefined || secret !== undefined;
}
