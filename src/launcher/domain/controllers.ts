import type { PreparedDisk } from "./domain-spec.ts";
import { xml, type XmlElement } from "./xml.ts";

/** No USB: it polls. PCI bridges, SATA and the serial bus libvirt adds by itself. */
export function controllersXml(disks: readonly PreparedDisk[]): XmlElement[] {
  const usb = xml("controller", { type: "usb", index: 0, model: "none" });
  const scsi = xml("controller", { type: "scsi", index: 0, model: "virtio-scsi" });
  return disks.some(({ bus }) => bus === "scsi") ? [usb, scsi] : [usb];
}
