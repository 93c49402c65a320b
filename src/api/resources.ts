import type { Resource } from "../kube/object.ts";
import type { ICoreOSCluster } from "./generated/CoreOSCluster.ts";
import type { IVirtualMachine } from "./generated/VirtualMachine.ts";
import type { IVirtualMachineInstance } from "./generated/VirtualMachineInstance.ts";

export type VirtualMachine = IVirtualMachine;
export type VirtualMachineSpec = VirtualMachine["spec"];
export type VirtualMachineStatus = NonNullable<VirtualMachine["status"]>;
export type RunStrategy = NonNullable<VirtualMachineSpec["runStrategy"]>;
export type PrintableStatus = NonNullable<VirtualMachineStatus["printableStatus"]>;

export type VirtualMachineInstance = IVirtualMachineInstance;
export type InstanceSpec = VirtualMachineInstance["spec"];
export type InstanceStatus = NonNullable<VirtualMachineInstance["status"]>;
export type InstancePhase = NonNullable<InstanceStatus["phase"]>;
export type Domain = InstanceSpec["domain"];
export type Devices = NonNullable<Domain["devices"]>;
export type Disk = NonNullable<Devices["disks"]>[number];
export type Filesystem = NonNullable<Devices["filesystems"]>[number];
export type Volume = NonNullable<InstanceSpec["volumes"]>[number];
export type RegistryDiskVolume = NonNullable<Volume["registryDisk"]>;
export type CloudInitVolume = NonNullable<Volume["cloudInitNoCloud"]>;

export type CoreOSCluster = ICoreOSCluster;
export type ClusterSpec = CoreOSCluster["spec"];
export type ClusterStatus = NonNullable<CoreOSCluster["status"]>;
/** What the machines of a group are made of. */
export type MemberMachine = NonNullable<NonNullable<ClusterSpec["workers"]>["machine"]>;

export const virtualMachines: Resource<VirtualMachine> = {
  group: "nestlet.dev",
  version: "v1alpha1",
  plural: "virtualmachines",
  kind: "VirtualMachine",
};

export const virtualMachineInstances: Resource<VirtualMachineInstance> = {
  group: "nestlet.dev",
  version: "v1alpha1",
  plural: "virtualmachineinstances",
  kind: "VirtualMachineInstance",
};

export const coreOSClusters: Resource<CoreOSCluster> = {
  group: "nestlet.dev",
  version: "v1alpha1",
  plural: "coreosclusters",
  kind: "CoreOSCluster",
};
