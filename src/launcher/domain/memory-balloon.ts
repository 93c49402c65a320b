import { xml, type XmlElement } from "./xml.ts";

/** Gives memory that the guest frees back to the node. */
export function memoryBalloonXml(): XmlElement {
  return xml("memballoon", { model: "virtio", freePageReporting: "on" });
}
