import type { Acceleration } from "../../launch-plan/launch-plan.ts";
import { translationCacheBytes } from "../../launch-plan/translation-cache.ts";

const MiB = 2 ** 20;

/**
 * Memory that a launcher needs beside the guest's own, in bytes: 112 MiB for the launcher, libvirtd and dnsmasq, 48 MiB
 * for qemu with its devices and video memory, 8 MiB a virtual CPU, and a 512th of the guest's memory for page tables.
 * docs/performance.md has what was measured.
 */
export function launcherOverheadBytes(guestBytes: number, cpus: number): number {
  const bytes = (112 + 48 + 8 * cpus) * MiB + guestBytes / 512;
  return Math.ceil(bytes / MiB) * MiB;
}

/**
 * What is added for a guest that may be emulated, in bytes. Only where memory is limited: without a limit a guest that
 * was not expected to need it may take it, and nodes with KVM hold as many guests as they can.
 */
export function emulationOverheadBytes(
  guestBytes: number,
  acceleration: Acceleration,
  memoryIsLimited: boolean,
): number {
  return memoryIsLimited && acceleration !== "Require" ? translationCacheBytes(guestBytes) : 0;
}
