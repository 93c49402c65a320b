import type { CpuPlan } from "../../launch-plan/launch-plan.ts";
import type { Accelerator } from "./domain-spec.ts";
import { xml, type XmlElement } from "./xml.ts";

/**
 * Under emulation: x86-64-v2 plus what saves a guest work (AES, carry-less multiplication, random numbers).
 * A named model rather than `max`, so that a saved guest can be restored; no AVX, which emulation makes slow.
 */
const EMULATED_MODEL = "Westmere";
const EMULATED_FEATURES = ["rdrand", "fsgsbase", "smep", "smap", "movbe"];

export function cpuXml(cpu: CpuPlan, accelerator: Accelerator): XmlElement {
  const topology = xml("topology", {
    sockets: cpu.sockets,
    dies: 1,
    cores: cpu.cores,
    threads: cpu.threads,
  });
  const model = wantedModel(cpu, accelerator);
  if (model === "host-model") return xml("cpu", { mode: model, check: "partial" }, topology);
  if (model === "host-passthrough") return xml("cpu", { mode: model, check: "none" }, topology);
  const features = model === EMULATED_MODEL && cpu.model !== model ? EMULATED_FEATURES : [];
  return xml(
    "cpu",
    { mode: "custom", match: "exact", check: "none" },
    xml("model", { fallback: "forbid" }, model),
    topology,
    ...features.map((name) => xml("feature", { policy: "require", name })),
  );
}

/** There is no host processor to show to an emulated guest: whoever asks for it gets the default. */
function wantedModel({ model }: CpuPlan, accelerator: Accelerator): string {
  if (accelerator === "kvm") return model ?? "host-model";
  return model === undefined || model.startsWith("host-") ? EMULATED_MODEL : model;
}
