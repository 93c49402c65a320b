import { constants } from "node:fs";
import { mkdir, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type {
  DiskPlan,
  EmptyDiskSource,
  EphemeralClaimSource,
  LaunchPlan,
  RegistryDiskSource,
} from "../../launch-plan/launch-plan.ts";
import { EPHEMERAL_DIR } from "../../launch-plan/pod-contract.ts";
import type { PreparedDisk, PreparedSource } from "../domain/domain-spec.ts";
import { diskSerial } from "../domain/identity.ts";
import type { GuestFacts } from "../init-data/cloud-init.ts";
import { prepareCloudInitDisk, prepareIgnitionDrive } from "../init-data/cloud-init-disk.ts";
import { StartError } from "../start-error.ts";
import { findClaimBase, prepareClaimDisk } from "./claim-disk.ts";
import { opensDirect } from "./direct.ts";
import { prepareFilesDisk } from "./files-disk.ts";
import { prepareHostDisk } from "./host-disk.ts";
import { keptOverlay } from "./kept-overlay.ts";
import { createOverlay } from "./qemu-img.ts";
import { openRegistryDisk } from "./registry-disk.ts";

type InitFacts = GuestFacts & Pick<LaunchPlan, "ignition">;

/** Makes every disk of the plan ready for qemu, side by side. */
export async function prepareDisks(plan: InitFacts & Pick<LaunchPlan, "disks">): Promise<PreparedDisk[]> {
  await mkdir(EPHEMERAL_DIR, { recursive: true });
  return Promise.all(
    plan.disks.map(async (disk) => ({
      name: disk.name,
      bus: disk.bus,
      ...(disk.cdrom === undefined ? {} : { cdrom: disk.cdrom }),
      ...(disk.bootOrder === undefined ? {} : { bootOrder: disk.bootOrder }),
      serial: disk.serial ?? diskSerial(plan.identity, disk.name),
      readOnly: disk.readOnly,
      ...withModes(disk, await prepareSource(disk, plan)),
    })),
  );
}

/**
 * The source with the cache and I/O modes that were asked for.
 * @throws StartError when its file system cannot do that
 */
export function withModes(disk: DiskPlan, source: PreparedSource): Pick<PreparedDisk, "io"> & PreparedSource {
  const cache = disk.cache ?? source.cache;
  if (disk.cache === "none" && source.cache !== "none") {
    throw new StartError(
      `disk ${disk.name}: cache none is not possible, since the file system of ${source.file} does not let the page ` +
        "cache be passed by; leave cache out",
    );
  }
  if (disk.io === "native" && cache !== "none") {
    throw new StartError(
      `disk ${disk.name}: io native is not possible with cache ${cache}, which is what the file system of ` +
        `${source.file} offers; leave io out`,
    );
  }
  return { ...source, cache, ...(disk.io === undefined ? {} : { io: disk.io }) };
}

async function prepareSource(disk: DiskPlan, plan: InitFacts): Promise<PreparedSource> {
  const { name, readOnly, source } = disk;
  switch (source.kind) {
    case "RegistryDisk":
      return prepareRegistryDisk(name, source, readOnly);
    case "PersistentVolumeClaim":
      return prepareClaimDisk(source, readOnly);
    case "EphemeralClaim":
      return prepareEphemeralDisk(name, source);
    case "HostDisk":
      return prepareHostDisk(source, readOnly);
    case "Files":
      return readOnlyImage(await prepareFilesDisk(name, source));
    case "EmptyDisk":
      return prepareEmptyDisk(name, source);
    case "CloudInit":
      return readOnlyImage(await prepareCloudInitDisk(name, source, plan));
    case "IgnitionDrive":
      return readOnlyImage(await prepareIgnitionDrive(name, plan.ignition, plan));
  }
}

async function prepareRegistryDisk(
  name: string,
  source: RegistryDiskSource,
  readOnly: boolean,
): Promise<PreparedSource> {
  const { file: base, format, virtualSize } = await openRegistryDisk(source);
  const backing = { file: base, format };
  if (readOnly && source.overlay === undefined && source.capacityBytes === undefined) {
    return { ...backing, cache: (await opensDirect(base, constants.O_RDONLY)) ? "none" : "writethrough" };
  }
  const bytes = Math.max(virtualSize, source.capacityBytes ?? 0);
  const file =
    source.overlay === undefined
      ? join(EPHEMERAL_DIR, `${name}.qcow2`)
      : await keptOverlay(source.overlay, { image: source.image, ...backing }, bytes);
  if (source.overlay === undefined) await createOverlay(file, backing, bytes);
  const direct = (await opensDirect(file, constants.O_RDWR)) && (await opensDirect(base, constants.O_RDONLY));
  return { file, format: "qcow2", backing, cache: direct ? "none" : "writethrough" };
}

/** The claim is only read: what the guest writes goes with the pod. */
async function prepareEphemeralDisk(name: string, source: EphemeralClaimSource): Promise<PreparedSource> {
  const backing = await findClaimBase(source);
  const file = join(EPHEMERAL_DIR, `${name}.qcow2`);
  await createOverlay(file, backing);
  const direct =
    (await opensDirect(file, constants.O_RDWR)) && (await opensDirect(backing.file, constants.O_RDONLY));
  return { file, format: "qcow2", backing, cache: direct ? "none" : "writethrough" };
}

/** A file without blocks: they come with the guest's writes and go with its discards. */
async function prepareEmptyDisk(name: string, source: EmptyDiskSource): Promise<PreparedSource> {
  const file = join(EPHEMERAL_DIR, `${name}.img`);
  await writeFile(file, "", { mode: 0o600 });
  await truncate(file, source.capacityBytes);
  const direct = await opensDirect(file, constants.O_RDWR);
  return { file, format: "raw", cache: direct ? "none" : "writethrough" };
}

/** A file in memory cannot be read past the page cache: it is there. */
function readOnlyImage(file: string): PreparedSource {
  return { file, format: "raw", cache: "writethrough" };
}
