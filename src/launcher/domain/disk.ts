import type { PreparedDisk } from "./domain-spec.ts";
import { xml, type XmlElement } from "./xml.ts";

/** The disks in the order of the list, each with its device name and place in the boot order. */
export function disksXml(disks: readonly PreparedDisk[]): XmlElement[] {
  const order = bootOrder(disks);
  const used = new Map<string, number>();
  return disks.map((disk, index) => {
    const prefix = disk.bus === "virtio" ? "vd" : "sd";
    const position = used.get(prefix) ?? 0;
    used.set(prefix, position + 1);
    return diskXml(disk, `${prefix}${deviceLetters(position)}`, order[index] ?? index + 1);
  });
}

function diskXml(disk: PreparedDisk, device: string, order: number): XmlElement {
  return xml(
    "disk",
    { type: disk.block ? "block" : "file", device: disk.cdrom ? "cdrom" : "disk" },
    xml("driver", {
      name: "qemu",
      type: disk.format,
      cache: disk.cache,
      io: disk.io,
      error_policy: "stop",
      discard: disk.cdrom ? undefined : "unmap",
    }),
    xml("source", disk.block ? { dev: disk.file } : { file: disk.file }),
    backingXml(disk),
    xml("target", { dev: device, bus: disk.bus }),
    ...(disk.readOnly ? [xml("readonly")] : []),
    xml("serial", {}, disk.serial),
    xml("boot", { order }),
    xml("alias", { name: `ua-${disk.name}` }),
  );
}

/** The whole chain is told, down to the empty element that ends it, so that libvirt probes no file itself. */
function backingXml({ backing }: PreparedDisk): XmlElement {
  if (backing === undefined) return xml("backingStore");
  return xml(
    "backingStore",
    { type: backing.block ? "block" : "file" },
    xml("format", { type: backing.format }),
    xml("source", backing.block ? { dev: backing.file } : { file: backing.file }),
    xml("backingStore"),
  );
}

/** Boot order per disk, 1 first: those that ask for a place by its number, then the others as they are listed. */
export function bootOrder(disks: readonly Pick<PreparedDisk, "bootOrder">[]): number[] {
  const ranked = disks
    .map((disk, index) => ({ index, wanted: disk.bootOrder ?? Infinity }))
    .sort((a, b) => (a.wanted === b.wanted ? a.index - b.index : a.wanted - b.wanted));
  const order: number[] = [];
  ranked.forEach(({ index }, rank) => (order[index] = rank + 1));
  return order;
}

/** 0 → a, 25 → z, 26 → aa, as the kernel names its disks. */
export function deviceLetters(position: number): string {
  const last = String.fromCharCode(97 + (position % 26));
  return position < 26 ? last : `${deviceLetters(Math.floor(position / 26) - 1)}${last}`;
}
