import type { CpuPlan } from "../../launch-plan/launch-plan.ts";
import type { Accelerator } from "./domain-spec.ts";
import { xml, type XmlElement } from "./xml.ts";

/**
 * Under emulation: x86-64-v2 plus what saves a guest work (AES, carry-less multiplication, random numbers).
 * A named model rather than `max`, so that a saved guest can be restored; no AVX, which emulation makes slow.
 */
const EMULATED_MODEL = "Westmere";
const EMULATED_FEATURES = ["rdrand", "fsgsbase", "smep", "smap", "movbe", "xsave"];

export function cpuXml(cpu: CpuPlan, accelerator: Accelerator): XmlElement {
  const topology = xml("topology", {
    sockets: cpu.sockets,
    dies: 1,
    cores: cpu.cores,
    threads: cpu.threads,
  });
  const model = cpu.model ?? (accelerator === "kvm" ? "host-model" : EMULATED_MODEL);
  if (model === "host-model") return xml("cpu", { mode: model, check: "partial" }, topology);
  if (model === "host-passthrough") return xml("cpu", { mode: model, check: "none" }, topology);
  const features = cpu.model === undefined ? EMULATED_FEATURES : [];
  return xml(
    "cpu",
    { mode: "custom", match: "exact", check: "none" },
    xml("model", { fallback: "forbid" }, model),
    topology,
    ...features.map((name) => xml("feature", { policy: "require", name })),
  );
}
