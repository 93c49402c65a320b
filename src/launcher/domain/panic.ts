import { xml, type XmlElement } from "./xml.ts";

/** By this device a kernel tells of its panic, so that a crash is seen as one. */
export function panicXml(): XmlElement {
  return xml("panic", { model: "isa" });
}
