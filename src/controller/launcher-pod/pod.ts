import { INSTANCE_LABEL } from "../../api/metadata.ts";
import { labelValueOf, launcherPodName } from "../../api/names.ts";
import type { InstanceSpec, VirtualMachineInstance, Volume } from "../../api/resources.ts";
import type { Container, Draft, Pod, PodSpec, PodVolume } from "../../kube/object.ts";
import { controllerRef } from "../../kube/ownership.ts";
import { LAUNCH_PLAN_ENV, type LaunchPlan } from "../../launch-plan/launch-plan.ts";
import {
  BLOCK_DEVICE_DIR,
  CLAIM_DIR,
  COMPUTE_CONTAINER,
  EPHEMERAL_DIR,
  HOST_DISK_DIR,
  HUGE_PAGES_DIR,
  INIT_DATA_DIR,
  KERNEL_BOOT_DIR,
  REGISTRY_DISK_DIR,
  TERMINATION_MESSAGE_PATH,
} from "../../launch-plan/pod-contract.ts";
import type { Claims } from "./claims.ts";
import { registryDiskOf } from "./disk-source.ts";
import { hostDiskVolumeOf } from "./host-disks.ts";
import { withCopiedImages } from "./image-copy.ts";
import { initDataVolumeOf } from "./init-data.ts";
import { gracePeriodSeconds, launchPlanOf } from "./plan.ts";
import { launcherSecurityContext } from "./privileges.ts";
import { probesOf } from "./probes.ts";
import { resourcesOf } from "./pod-resources.ts";
import { sshKeyVolumesOf } from "./ssh-keys.ts";

export interface LauncherOptions {
  /** Reference of the launcher's image. */
  image: string;
  /** Folders of the nodes in which instances may have disks: absolute, without a slash at their end. */
  hostDiskFolders?: readonly string[];
  /** False: the cluster cannot mount images as volumes, so that they are copied. */
  imageVolumes?: boolean;
}

/** What the launcher may still do after the guest's grace period is over, before the kubelet kills it. */
const launcherGraceSeconds = 15;

/** Copied by kubectl for its own use; it would be a lie on the pod. */
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

type Mount = NonNullable<Container["volumeMounts"]>[number];

/**
 * The one pod of an instance.
 * @param claims at least those that the spec names
 */
export function launcherPodOf(
  instance: VirtualMachineInstance,
  options: LauncherOptions,
  claims: Claims,
): Draft<Pod> {
  const { metadata, spec } = instance;
  const plan = launchPlanOf(instance, claims);
  const pod = podSpecOf(spec, plan, options);
  return {
    metadata: {
      namespace: metadata.namespace,
      name: launcherPodName(metadata),
      labels: { ...metadata.labels, [INSTANCE_LABEL]: labelValueOf(metadata.name) },
      annotations: Object.fromEntries(
        Object.entries(metadata.annotations ?? {}).filter(([name]) => name !== lastApplied),
      ),
      ownerReferences: [controllerRef(instance)],
    },
    spec: options.imageVolumes === false ? withCopiedImages(pod, plan, options.image) : pod,
  };
}

function podSpecOf(spec: InstanceSpec, plan: LaunchPlan, options: LauncherOptions): PodSpec {
  const volumes = (spec.volumes ?? []).map(podVolumeOf).filter((volume) => volume !== undefined);
  return {
    restartPolicy: "Never",
    terminationGracePeriodSeconds: gracePeriodSeconds(spec) + launcherGraceSeconds,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    hostname: plan.hostname,
    containers: [computeContainer(spec, plan, options)],
    volumes: [
      { name: freeName("ephemeral", spec.volumes ?? []), emptyDir: {} },
      ...volumes,
      ...overlaysOf(spec.volumes ?? []).map(({ name, claimName }) => ({
        name,
        persistentVolumeClaim: { claimName },
      })),
      ...keysOf(spec).map(({ volume }) => volume),
      ...ownMountsOf(spec).map(({ volume }) => volume),
    ],
    ...placementOf(spec),
    ...pullSecretsOf(spec),
  };
}

function placementOf(spec: InstanceSpec): Partial<PodSpec> {
  const { subdomain, dnsPolicy, dnsConfig, nodeSelector, priorityClassName, schedulerName } = spec;
  const fields = { subdomain, dnsPolicy, dnsConfig, nodeSelector, priorityClassName, schedulerName };
  const { tolerations, affinity, topologySpreadConstraints } = spec;
  const given = Object.entries({ ...fields, tolerations, affinity, topologySpreadConstraints });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

function pullSecretsOf({ volumes = [], domain }: InstanceSpec): Pick<PodSpec, "imagePullSecrets"> {
  const disks = volumes.map((volume) => registryDiskOf(volume)?.imagePullSecret);
  const kernel = domain.firmware?.kernelBoot?.container.imagePullSecret;
  const names = [...disks, kernel].filter((name) => name !== undefined);
  return names.length === 0 ? {} : { imagePullSecrets: [...new Set(names)].map((name) => ({ name })) };
}

function computeContainer(spec: InstanceSpec, plan: LaunchPlan, options: LauncherOptions): Container {
  return {
    name: COMPUTE_CONTAINER,
    image: options.image,
    imagePullPolicy: "IfNotPresent",
    env: [{ name: LAUNCH_PLAN_ENV, value: planText(plan) }],
    resources: resourcesOf(spec),
    securityContext: launcherSecurityContext,
    terminationMessagePath: TERMINATION_MESSAGE_PATH,
    ...storageOf(spec, plan),
    ...probesOf(spec, plan.timeouts.startSeconds),
  };
}

/** Linux takes no longer variable than 128 KiB, its name included. */
const longestPlan = 128 * 1024 - LAUNCH_PLAN_ENV.length - 2;

/**
 * The kubelet expands `$(NAME)` and `$$` in values; a plan without dollar signs goes through it unchanged.
 * @throws RangeError when it is too long for a variable
 */
function planText(plan: LaunchPlan): string {
  const text = JSON.stringify(plan).replaceAll("$", "\\u0024");
  const bytes = Buffer.byteLength(text);
  if (bytes <= longestPlan) return text;
  throw new RangeError(
    `spec.volumes: what it says inline makes a launch plan of ${bytes} bytes, at most ${longestPlan} are possible; ` +
      "put the largest into a Secret and refer to that",
  );
}

function podVolumeOf(volume: Volume): PodVolume | undefined {
  const registryDisk = registryDiskOf(volume);
  if (registryDisk !== undefined) {
    const { image: reference, imagePullPolicy } = registryDisk;
    return imageVolume(volume.name, reference, imagePullPolicy);
  }
  if (volume.persistentVolumeClaim !== undefined) {
    const { claimName, readOnly = false } = volume.persistentVolumeClaim;
    return { name: volume.name, persistentVolumeClaim: { claimName, ...(readOnly ? { readOnly } : {}) } };
  }
  if (volume.ephemeral !== undefined) {
    const { claimName } = volume.ephemeral.persistentVolumeClaim;
    return { name: volume.name, persistentVolumeClaim: { claimName, readOnly: true } };
  }
  return hostDiskVolumeOf(volume) ?? initDataVolumeOf(volume);
}

function imageVolume(name: string, reference: string, pullPolicy: string | undefined): PodVolume {
  return { name, image: { reference, ...(pullPolicy === undefined ? {} : { pullPolicy }) } };
}

/** What the pod mounts beside what the spec's volumes are: the image with the kernel, and huge pages. */
function ownMountsOf({ volumes = [], domain }: InstanceSpec): { volume: PodVolume; mount: Mount }[] {
  const found: { volume: PodVolume; mount: Mount }[] = [];
  const kernel = domain.firmware?.kernelBoot?.container;
  if (kernel !== undefined) {
    const name = freeName("kernel", volumes);
    const volume = imageVolume(name, kernel.image, kernel.imagePullPolicy);
    found.push({ volume, mount: { name, mountPath: KERNEL_BOOT_DIR, readOnly: true } });
  }
  if (domain.memory?.hugepages !== undefined) {
    const name = freeName("hugepages", volumes);
    const volume = { name, emptyDir: { medium: "HugePages" } };
    found.push({ volume, mount: { name, mountPath: HUGE_PAGES_DIR } });
  }
  return found;
}

/** Where the container finds the pod's volumes: folders, and the devices of Block claims. */
function storageOf(spec: InstanceSpec, plan: LaunchPlan): Pick<Container, "volumeMounts" | "volumeDevices"> {
  const { volumes = [] } = spec;
  const blocks = plan.disks.filter(({ source }) => "volumeMode" in source && source.volumeMode === "Block");
  const devices = blocks.map(({ name }) => ({ name, devicePath: `${BLOCK_DEVICE_DIR}/${name}` }));
  const mounts: Mount[] = [{ name: freeName("ephemeral", volumes), mountPath: EPHEMERAL_DIR }];
  for (const volume of volumes) {
    if (podVolumeOf(volume) === undefined || devices.some(({ name }) => name === volume.name)) continue;
    mounts.push(mountOf(volume));
  }
  mounts.push(...overlaysOf(volumes).map(({ name, mountPath }) => ({ name, mountPath })));
  mounts.push(...keysOf(spec).map(({ mount }) => mount));
  mounts.push(...ownMountsOf(spec).map(({ mount }) => mount));
  return { volumeMounts: mounts, ...(devices.length === 0 ? {} : { volumeDevices: devices }) };
}

function mountOf(volume: Volume): Mount {
  const { name, persistentVolumeClaim: claim, ephemeral, hostDisk } = volume;
  if (ephemeral !== undefined) return { name, mountPath: `${CLAIM_DIR}/${name}`, readOnly: true };
  if (hostDisk !== undefined) return { name, mountPath: `${HOST_DISK_DIR}/${name}` };
  if (claim !== undefined) {
    return {
      name,
      mountPath: `${CLAIM_DIR}/${name}`,
      ...(claim.readOnly === true ? { readOnly: true } : {}),
    };
  }
  const root = initDataVolumeOf(volume) === undefined ? REGISTRY_DISK_DIR : INIT_DATA_DIR;
  return { name, mountPath: `${root}/${name}`, readOnly: true };
}

/** The claims that keep what is written over registry disks, with the names of their pod volumes. */
function overlaysOf(volumes: readonly Volume[]): { name: string; claimName: string; mountPath: string }[] {
  return volumes.flatMap((volume, index) => {
    const overlay = registryDiskOf(volume)?.overlay;
    if (overlay === undefined) return [];
    const name = freeName(`overlay-${index}`, volumes);
    return [{ name, claimName: overlay.claimName, mountPath: `${CLAIM_DIR}/${volume.name}` }];
  });
}

function keysOf(spec: InstanceSpec): ReturnType<typeof sshKeyVolumesOf> {
  return sshKeyVolumesOf(spec, (wanted) => freeName(wanted, spec.volumes ?? []));
}

/** A name for a volume of the launcher's own that the user has not given to one of theirs. */
function freeName(wanted: string, volumes: readonly Volume[]): string {
  let name = wanted;
  while (volumes.some((volume) => volume.name === name)) name += "-0";
  return name;
}
