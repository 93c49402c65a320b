import { constants } from "node:fs";
import { open, readFile, rm } from "node:fs/promises";
import type { Acceleration } from "../../launch-plan/launch-plan.ts";
import type { Accelerator } from "../domain/domain-spec.ts";
import { StartError } from "../start-error.ts";

const KVM = "/dev/kvm";

/** What decides whether KVM is of use here. */
export interface KvmEvidence {
  /** Whether the processor shows vmx or svm; without, a KVM that opens still hangs every guest at boot. */
  cpuFlag: boolean;
  /** Why /dev/kvm does not open; undefined: it does. */
  deviceError?: string;
}

/** What the domain runs on, and why not on KVM where that was wanted. */
export interface ChosenAccelerator {
  accelerator: Accelerator;
  obstacle?: string;
}

/**
 * Picks the accelerator.
 * @throws StartError when KVM is required and not usable
 */
export function chooseAccelerator(wanted: Acceleration, evidence: KvmEvidence): ChosenAccelerator {
  if (wanted === "Emulate") return { accelerator: "tcg" };
  const obstacle = obstacleToKvm(evidence);
  if (obstacle === undefined) return { accelerator: "kvm" };
  if (wanted === "Prefer") return { accelerator: "tcg", obstacle };
  throw new StartError(
    `acceleration Require: KVM is not usable on this node: ${obstacle}; ` +
      "choose a node with hardware virtualisation, or acceleration Prefer or Emulate",
  );
}

function obstacleToKvm({ cpuFlag, deviceError }: KvmEvidence): string | undefined {
  if (!cpuFlag) return "/proc/cpuinfo shows neither vmx nor svm";
  return deviceError === undefined ? undefined : `${KVM} does not open: ${deviceError}`;
}

export async function gatherKvmEvidence(): Promise<KvmEvidence> {
  const cpuinfo = await readFile("/proc/cpuinfo", "utf8");
  const cpuFlag = /^flags\s*:.*\b(vmx|svm)\b/m.test(cpuinfo);
  try {
    await (await open(KVM, constants.O_RDWR)).close();
    return { cpuFlag };
  } catch (error) {
    return { cpuFlag, deviceError: (error as Error).message };
  }
}

/**
 * Takes /dev/kvm out of the container's own /dev, so that libvirt, which trusts a device that opens, neither uses it
 * nor doubts its capability cache because of it. A /dev that belongs to the node is left alone.
 */
export async function hideKvm(): Promise<void> {
  const mounts = await readFile("/proc/self/mountinfo", "utf8");
  if (isContainersOwnDev(mounts)) await rm(KVM, { force: true });
}

/** Whether /dev, the last time it was mounted, was an ordinary tmpfs and not the kernel's device tree. */
export function isContainersOwnDev(mountinfo: string): boolean {
  const dev = mountinfo
    .split("\n")
    .map((line) => line.split(" "))
    .findLast((fields) => fields[4] === "/dev");
  return dev !== undefined && dev[dev.indexOf("-") + 1] === "tmpfs";
}
