import type { DomainSpec } from "./domain-spec.ts";
import { xml, type XmlElement } from "./xml.ts";

/** OVMF: its code is shared and read-only, its variables are a copy that goes with the pod. */
const EFI_CODE = "/usr/share/OVMF/OVMF_CODE_4M.fd";
const EFI_VARIABLES = "/usr/share/OVMF/OVMF_VARS_4M.fd";
const EFI_COPY = "/var/run/nestlet/efi-variables.fd";

/** The board, its firmware, and a kernel where one is started from outside. */
export function bootXml({ plan, kernel }: Pick<DomainSpec, "plan" | "kernel">): XmlElement {
  return xml(
    "os",
    {},
    xml("type", { arch: "x86_64", machine: "q35" }, "hvm"),
    ...(plan.firmware.efi === true ? efiXml() : []),
    ...kernelXml(kernel),
    xml("smbios", { mode: "sysinfo" }),
  );
}

function efiXml(): XmlElement[] {
  return [
    xml("loader", { readonly: "yes", type: "pflash" }, EFI_CODE),
    xml("nvram", { template: EFI_VARIABLES }, EFI_COPY),
  ];
}

function kernelXml(boot: DomainSpec["kernel"]): XmlElement[] {
  if (boot === undefined) return [];
  return [
    xml("kernel", {}, boot.kernel),
    ...(boot.initrd === undefined ? [] : [xml("initrd", {}, boot.initrd)]),
    ...(boot.arguments === undefined ? [] : [xml("cmdline", {}, boot.arguments)]),
  ];
}
