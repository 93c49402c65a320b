import type { PreparedFilesystem } from "./domain-spec.ts";
import { xml, type XmlElement } from "./xml.ts";

/**
 * 9P2000.L on virtio, served by qemu itself. With `squash` the guest sees files as they are, symbolic links among them, of
 * which a mounted Secret consists (`mapped` would show these as files), and qemu need not be root.
 */
export function filesystemXml({ tag, folder }: PreparedFilesystem): XmlElement {
  return xml(
    "filesystem",
    { type: "mount", accessmode: "squash" },
    xml("driver", { type: "path" }),
    xml("source", { dir: folder }),
    xml("target", { dir: tag }),
    xml("readonly"),
  );
}
