import { domainName, firmwareUuid } from "./identity.ts";
import { bootXml } from "./boot.ts";
import { guestAgentXml } from "./guest-agent.ts";
import { clockXml } from "./clock.ts";
import { controllersXml } from "./controllers.ts";
import { cpuXml } from "./cpu.ts";
import { disksXml } from "./disk.ts";
import { featuresXml } from "./features.ts";
import { filesystemXml } from "./filesystem.ts";
import { fwCfgXml } from "./fw-cfg.ts";
import { graphicsXml } from "./graphics.ts";
import { interfaceXml } from "./interface.ts";
import { memoryBalloonXml } from "./memory-balloon.ts";
import { memoryXml } from "./memory.ts";
import { panicXml } from "./panic.ts";
import { rngXml } from "./rng.ts";
import { serialXml } from "./serial.ts";
import { smbiosXml } from "./smbios.ts";
import { watchdogXml } from "./watchdog.ts";
import { renderXml, xml } from "./xml.ts";
import type { DomainSpec } from "./domain-spec.ts";

const EMULATOR = "/usr/bin/qemu-system-x86_64";

/** The domain as libvirt wants it: https://libvirt.org/formatdomain.html */
export function domainXml(spec: DomainSpec): string {
  const { plan, accelerator } = spec;
  const { sockets, cores, threads } = plan.cpu;
  return renderXml(
    xml(
      "domain",
      { type: accelerator === "kvm" ? "kvm" : "qemu" },
      xml("name", {}, domainName(plan)),
      xml("uuid", {}, firmwareUuid(plan)),
      ...memoryXml(plan),
      xml("vcpu", { placement: "static" }, String(sockets * cores * threads)),
      bootXml(spec),
      smbiosXml(plan),
      ...fwCfgXml(spec.ignitionFile),
      featuresXml(accelerator, plan.memoryBytes),
      cpuXml(plan.cpu, accelerator),
      clockXml(accelerator),
      xml("on_poweroff", {}, "destroy"),
      xml("on_reboot", {}, "restart"),
      xml("on_crash", {}, "destroy"),
      xml("pm", {}, xml("suspend-to-mem", { enabled: "no" }), xml("suspend-to-disk", { enabled: "no" })),
      xml(
        "devices",
        {},
        xml("emulator", {}, EMULATOR),
        ...disksXml(spec.disks),
        ...spec.filesystems.map(filesystemXml),
        ...controllersXml(spec.disks),
        ...spec.interfaces.map(interfaceXml),
        ...serialXml(),
        guestAgentXml(),
        ...graphicsXml(plan.graphics === true),
        memoryBalloonXml(),
        rngXml(),
        ...watchdogXml(plan.watchdog),
        panicXml(),
      ),
    ),
  );
}
