import { hostnameOf } from "../../api/names.ts";
import { virtualMachines, type InstanceSpec, type VirtualMachineInstance } from "../../api/resources.ts";
import { controllerOf } from "../../kube/ownership.ts";
import { parseQuantity } from "../../kube/quantity.ts";
import {
  LAUNCH_PLAN_VERSION,
  type CpuPlan,
  type FirmwarePlan,
  type KernelBootPlan,
  type LaunchPlan,
} from "../../launch-plan/launch-plan.ts";
import { KERNEL_BOOT_DIR } from "../../launch-plan/pod-contract.ts";
import type { Claims } from "./claims.ts";
import { diskPlanOf } from "./disk-source.ts";
import { filesystemPlansOf } from "./filesystems.ts";
import { given } from "./given.ts";
import { ignitionPlanOf } from "./init-data.ts";
import { interfacePlansOf } from "./interfaces.ts";

const MiB = 2 ** 20;

/**
 * Resolves an instance into what its launcher needs to know. The schema of the CRD has filled in defaults and refused
 * what does not fit together; what it cannot express is decided here.
 * @param claims at least those that the spec names
 */
export function launchPlanOf(instance: VirtualMachineInstance, claims: Claims): LaunchPlan {
  const { metadata, spec } = instance;
  const { domain } = spec;
  const devices = domain.devices ?? {};
  return {
    version: LAUNCH_PLAN_VERSION,
    namespace: metadata.namespace,
    name: metadata.name,
    uid: metadata.uid,
    identity: identityOf(instance),
    hostname: spec.hostname ?? hostnameOf(metadata.name),
    cpu: cpuPlanOf(spec),
    memoryBytes: guestMemoryBytes(spec),
    ...given({ hugePageBytes: hugePageBytesOf(spec) }),
    acceleration: domain.acceleration ?? "Prefer",
    firmware: firmwareOf(spec),
    ...given({ kernelBoot: kernelBootOf(spec) }),
    disks: (devices.disks ?? []).map((disk) => diskPlanOf(disk, spec, claims)),
    filesystems: filesystemPlansOf(spec),
    interfaces: interfacePlansOf(spec),
    ...given({ ignition: ignitionPlanOf(spec) }),
    ...(devices.autoattachGraphicsDevice === false ? {} : { graphics: true }),
    ...(devices.watchdog === undefined ? {} : { watchdog: devices.watchdog.i6300esb.action ?? "reset" }),
    ...(spec.livenessProbe === undefined ? {} : { livenessProbe: true }),
    timeouts: {
      startSeconds: spec.startTimeoutSeconds ?? 300,
      gracePeriodSeconds: gracePeriodSeconds(spec),
    },
  };
}

/** How long the guest may take to shut down; the schema's default where the spec was stored without. */
export function gracePeriodSeconds(spec: InstanceSpec): number {
  return spec.terminationGracePeriodSeconds ?? 30;
}

/** Memory that the guest sees: a whole number of MiB. */
export function guestMemoryBytes(spec: InstanceSpec): number {
  const quantity = spec.domain.memory?.guest ?? spec.domain.resources?.requests?.memory;
  if (quantity === undefined)
    throw new RangeError("spec.domain.memory.guest is missing; give for example 1Gi");
  return Math.ceil(parseQuantity(quantity) / MiB) * MiB;
}

/** Size of the node's huge pages that the guest's memory is made of; undefined: ordinary pages. */
export function hugePageBytesOf(spec: InstanceSpec): number | undefined {
  const pageSize = spec.domain.memory?.hugepages?.pageSize;
  return pageSize === undefined ? undefined : parseQuantity(pageSize);
}

/** Number of virtual CPUs. */
export function cpuCount(spec: InstanceSpec): number {
  const { sockets, cores, threads } = cpuPlanOf(spec);
  return sockets * cores * threads;
}

function identityOf(instance: VirtualMachineInstance): string {
  const owner = controllerOf(instance);
  return owner?.kind === virtualMachines.kind ? owner.uid : instance.metadata.uid;
}

function cpuPlanOf(spec: InstanceSpec): CpuPlan {
  const { sockets = 1, cores = 1, threads = 1, model } = spec.domain.cpu ?? {};
  return { sockets, cores, threads, ...(model === undefined ? {} : { model }) };
}

function firmwareOf({ domain }: InstanceSpec): FirmwarePlan {
  const { uuid, serial, bootloader } = domain.firmware ?? {};
  return {
    ...given({ uuid, serial }),
    ...(bootloader?.efi === undefined ? {} : { efi: true }),
  };
}

function kernelBootOf({ domain }: InstanceSpec): KernelBootPlan | undefined {
  const boot = domain.firmware?.kernelBoot;
  if (boot === undefined) return undefined;
  const { image, kernelPath, initrdPath } = boot.container;
  return {
    image,
    mountPath: KERNEL_BOOT_DIR,
    kernelPath,
    ...given({ initrdPath, arguments: boot.kernelArgs }),
  };
}
