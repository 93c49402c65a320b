import { translationCacheBytes } from "../../launch-plan/translation-cache.ts";
import type { Accelerator } from "./domain-spec.ts";
import { xml, type XmlElement } from "./xml.ts";

export function featuresXml(accelerator: Accelerator, guestBytes: number): XmlElement {
  const cache = String(translationCacheBytes(guestBytes) / 2 ** 20);
  return xml(
    "features",
    {},
    xml("acpi"),
    xml("apic"),
    xml("vmport", { state: "off" }),
    ...(accelerator === "kvm" ? [] : [xml("tcg", {}, xml("tb-cache", { unit: "MiB" }, cache))]),
  );
}
