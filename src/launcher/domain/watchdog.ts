import type { WatchdogAction } from "../../launch-plan/launch-plan.ts";
import { xml, type XmlElement } from "./xml.ts";

/** Intel's 6300ESB: a PCI device, which Linux has a driver for. */
export function watchdogXml(action: WatchdogAction | undefined): XmlElement[] {
  return action === undefined ? [] : [xml("watchdog", { model: "i6300esb", action })];
}
