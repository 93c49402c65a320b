import type { LaunchPlan } from "../../launch-plan/launch-plan.ts";
import { firmwareUuid } from "./identity.ts";
import { xml, type XmlElement } from "./xml.ts";

/** What the guest finds in /sys/class/dmi/id. */
export function smbiosXml(plan: Pick<LaunchPlan, "identity" | "firmware">): XmlElement {
  const { serial } = plan.firmware;
  const entry = (name: string, value: string): XmlElement => xml("entry", { name }, value);
  return xml(
    "sysinfo",
    { type: "smbios" },
    xml(
      "system",
      {},
      entry("manufacturer", "Nestlet"),
      entry("product", "VirtualMachine"),
      ...(serial === undefined ? [] : [entry("serial", serial)]),
      entry("uuid", firmwareUuid(plan)),
    ),
  );
}
