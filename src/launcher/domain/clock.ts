import type { Accelerator } from "./domain-spec.ts";
import { xml, type XmlElement } from "./xml.ts";

/** UTC. Under KVM the guest reads kvm-clock, so the slow HPET is left out; an emulated guest may need it. */
export function clockXml(accelerator: Accelerator): XmlElement {
  return xml(
    "clock",
    { offset: "utc" },
    xml("timer", { name: "rtc", tickpolicy: "catchup" }),
    xml("timer", { name: "pit", tickpolicy: "delay" }),
    ...(accelerator === "kvm" ? [xml("timer", { name: "hpet", present: "no" })] : []),
  );
}
