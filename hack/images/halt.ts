import { put, makeImage, makeLayer, recipeParts } from "./layers.ts";
import type { BuiltImage, Log } from "./layers.ts";

/** User that KubeVirt's and therefore everyone's registry disks belong to (qemu's). */
export const DISK_OWNER = 107;

const DISK_BYTES = 16 * 1024 * 1024;
const SECTOR_BYTES = 512;

/** A boot sector that stops the processor for good: `cli`, `hlt`, `jmp` back to `hlt`; then the BIOS's mark. */
export function haltingBootSector(): Buffer {
  const sector = Buffer.alloc(SECTOR_BYTES);
  sector.set([0xfa, 0xf4, 0xeb, 0xfd]);
  sector.set([0x55, 0xaa], SECTOR_BYTES - 2);
  return sector;
}

/** The smallest registry disk: a guest that runs at once and does nothing, for measuring all around it. */
export async function buildHalt(log: Log): Promise<BuiltImage> {
  const layer = await makeLayer(
    {
      name: "halt",
      title: "disk that halts",
      keyParts: await recipeParts("hack/images/halt.ts"),
      owner: DISK_OWNER,
      fill: async (root) => {
        const disk = Buffer.alloc(DISK_BYTES);
        haltingBootSector().copy(disk);
        await put(root, "disk/halt.img", disk);
      },
    },
    log,
  );
  return makeImage("nestlet.dev/halt", "1", [layer], {});
}
