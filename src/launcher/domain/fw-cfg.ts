import { xml, type XmlElement } from "./xml.ts";

/** The name under which Ignition on the platform `qemu` looks for its config. */
const IGNITION_KEY = "opt/com.coreos/config";

export function fwCfgXml(ignitionFile: string | undefined): XmlElement[] {
  if (ignitionFile === undefined) return [];
  return [xml("sysinfo", { type: "fwcfg" }, xml("entry", { name: IGNITION_KEY, file: ignitionFile }))];
}
