import type { LaunchPlan } from "../../launch-plan/launch-plan.ts";
import { xml, type XmlElement } from "./xml.ts";

/** The guest's memory, and what it is made of. */
export function memoryXml(plan: Pick<LaunchPlan, "memoryBytes" | "hugePageBytes">): XmlElement[] {
  const { memoryBytes, hugePageBytes } = plan;
  const memory = xml("memory", { unit: "b" }, String(memoryBytes));
  if (hugePageBytes === undefined) return [memory];
  const page = xml("page", { size: hugePageBytes / 1024, unit: "KiB" });
  return [memory, xml("memoryBacking", {}, xml("hugepages", {}, page))];
}
