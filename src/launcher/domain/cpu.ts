import type { CpuPlan } from "../../launch-plan/launch-plan.ts";
import type { Accelerator } from "./domain-spec.ts";
import { xml, type XmlElement } from "./xml.ts";

/**
 * Under emulation: an AMD of a family that the Meltdown flaw never concerned. Show a guest an Intel of that time, and its
 * kernel changes page tables at each entry and exit, for which an emulator has to forget all translations: a system call
 * takes 32 µs instead of 2, and a guest cluster idles at twice the cost. A named model rather than `max`, so that a saved
 * guest can be restored; no AVX, which emulation makes slow.
 */
const EMULATED_MODEL = "Opteron_G3";
/** What x86-64-v2 and so today's distributions want, and what saves a guest work: AES, random numbers, ... */
const EMULATED_FEATURES = [
  ...["ssse3", "sse4.1", "sse4.2"],
  ...["aes", "pclmuldq", "rdrand", "fsgsbase", "smep", "smap", "movbe"],
];
/** With more than one processor, an emulated `mwait` spins instead of sleeping. */
const UNWANTED_FEATURES = ["monitor"];

/** The same in the words of qemu's `-cpu`. */
export const EMULATED_CPU = [
  EMULATED_MODEL,
  ...EMULATED_FEATURES.map((name) => `+${name}`),
  ...UNWANTED_FEATURES.map((name) => `-${name}`),
].join(",");

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
  const ours = model === EMULATED_MODEL && cpu.model !== model;
  return xml(
    "cpu",
    { mode: "custom", match: "exact", check: "none" },
    xml("model", { fallback: "forbid" }, model),
    topology,
    ...(ours ? EMULATED_FEATURES : []).map((name) => xml("feature", { policy: "require", name })),
    ...(ours ? UNWANTED_FEATURES : []).map((name) => xml("feature", { policy: "disable", name })),
  );
}

/** There is no host processor to show to an emulated guest: whoever asks for it gets the default. */
function wantedModel({ model }: CpuPlan, accelerator: Accelerator): string {
  if (accelerator === "kvm") return model ?? "host-model";
  return model === undefined || model.startsWith("host-") ? EMULATED_MODEL : model;
}
