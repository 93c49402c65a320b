import { xml, type XmlElement } from "./xml.ts";

/** The channel by which qemu-guest-agent talks, under the name it looks for. */
export function guestAgentXml(): XmlElement {
  return xml(
    "channel",
    { type: "unix" },
    xml("source", { mode: "bind" }),
    xml("target", { type: "virtio", name: "org.qemu.guest_agent.0" }),
  );
}
