import type { PreparedInterface } from "./domain-spec.ts";
import { xml, type XmlElement } from "./xml.ts";

/** A tap device on the pod's bridge. No option ROM: nothing boots from the network. */
export function interfaceXml(nic: PreparedInterface): XmlElement {
  const driver = nic.model === "virtio" ? [xml("driver", { name: nic.vhost ? "vhost" : "qemu" })] : [];
  return xml(
    "interface",
    { type: "bridge" },
    xml("mac", { address: nic.mac }),
    xml("source", { bridge: nic.bridge }),
    xml("target", { dev: nic.device }),
    xml("model", { type: nic.model }),
    ...driver,
    xml("mtu", { size: nic.mtu }),
    xml("rom", { enabled: "no" }),
  );
}
