import { xml, type XmlElement } from "./xml.ts";

/** The guest's display, by VNC. */
export const VNC_SOCKET = "/var/run/nestlet/vnc.sock";

/** As much as KubeVirt gives: enough for 2560×1600. */
const VIDEO_MEMORY_KIB = 16_384;

/** A display that nobody reaches from outside the pod, and the graphics card that every guest has a driver for. */
export function graphicsXml(graphics: boolean): XmlElement[] {
  if (!graphics) return [];
  return [
    xml("graphics", { type: "vnc" }, xml("listen", { type: "socket", socket: VNC_SOCKET })),
    xml("video", {}, xml("model", { type: "vga", heads: 1, vram: VIDEO_MEMORY_KIB })),
  ];
}
