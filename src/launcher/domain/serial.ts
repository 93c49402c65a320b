import { xml, type XmlElement } from "./xml.ts";

/** The serial console: a socket for whoever attaches, and beside it a log of what was written last. */
export const SERIAL_SOCKET = "/var/run/nestlet/serial0.sock";
export const SERIAL_LOG = "/var/run/nestlet/serial0.log";

export function serialXml(): XmlElement[] {
  const source = xml("source", { mode: "bind", path: SERIAL_SOCKET });
  return [
    xml(
      "serial",
      { type: "unix" },
      source,
      xml("log", { file: SERIAL_LOG, append: "on" }),
      xml("target", { port: 0 }),
    ),
    xml("console", { type: "unix" }, source, xml("target", { type: "serial", port: 0 })),
  ];
}
