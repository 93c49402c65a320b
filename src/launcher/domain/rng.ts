import { xml, type XmlElement } from "./xml.ts";

/** Without it a freshly booted guest waits for entropy. */
export function rngXml(): XmlElement {
  return xml("rng", { model: "virtio" }, xml("backend", { model: "random" }, "/dev/urandom"));
}
