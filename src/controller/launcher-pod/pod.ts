import { INSTANCE_LABEL } from "../../api/metadata.ts";
import { labelValueOf, launcherPodName } from "../../api/names.ts";
import type { InstanceSpec, VirtualMachineInstance, Volume } from "../../api/resources.ts";
import type { Container, Draft, Pod, PodSpec, PodVolume } from "../../kube/object.ts";
import { controllerRef } from "../../kube/ownership.ts";
import { parseQuantity } from "../../kube/quantity.ts";
import { LAUNCH_PLAN_ENV, type LaunchPlan } from "../../launch-plan/launch-plan.ts";
import {
  COMPUTE_CONTAINER,
  EPHEMERAL_DIR,
  INIT_DATA_DIR,
  REGISTRY_DISK_DIR,
  TERMINATION_MESSAGE_PATH,
} from "../../launch-plan/pod-contract.ts";
import { launcherOverheadBytes } from "./overhead.ts";
import {
  cpuCount,
  gracePeriodSeconds,
  guestMemoryBytes,
  IGNITION_FILE,
  launchPlanOf,
  registryDiskOf,
} from "./plan.ts";
import { launcherSecurityContext } from "./privileges.ts";
import { startSignal } from "./start-signal.ts";

export interface LauncherOptions {
  /** Reference of the launcher's image. */
  image: string;
}

/** What the launcher may still do after the guest's grace period is over, before the kubelet kills it. */
const launcherGraceSeconds = 15;

/** Copied by kubectl for its own use; it would be a lie on the pod. */
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

type Mount = NonNullable<Container["volumeMounts"]>[number];

/** The one pod of an instance. */
export function launcherPodOf(instance: VirtualMachineInstance, options: LauncherOptions): Draft<Pod> {
  const { metadata, spec } = instance;
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
    spec: podSpecOf(spec, launchPlanOf(instance), options),
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
    volumes: [{ name: ephemeralVolumeName(spec.volumes ?? []), emptyDir: {} }, ...volumes],
    ...placementOf(spec),
    ...pullSecretsOf(spec.volumes ?? []),
  };
}

function placementOf(spec: InstanceSpec): Partial<PodSpec> {
  const { subdomain, dnsPolicy, dnsConfig, nodeSelector, priorityClassName, schedulerName } = spec;
  const fields = { subdomain, dnsPolicy, dnsConfig, nodeSelector, priorityClassName, schedulerName };
  const given = Object.entries({ ...fields, tolerations: spec.tolerations, affinity: spec.affinity });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

function pullSecretsOf(volumes: readonly Volume[]): Pick<PodSpec, "imagePullSecrets"> {
  const names = volumes
    .map((volume) => registryDiskOf(volume)?.imagePullSecret)
    .filter((name) => name !== undefined);
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
    volumeMounts: mountsOf(spec.volumes ?? []),
    ...startSignal(plan.timeouts.startSeconds),
  };
}

/** The kubelet expands `$(NAME)` and `$$` in values; a plan without dollar signs goes through it unchanged. */
function planText(plan: LaunchPlan): string {
  return JSON.stringify(plan).replaceAll("$", "\\u0024");
}

function resourcesOf(spec: InstanceSpec): NonNullable<Container["resources"]> {
  const cpus = cpuCount(spec);
  const guestBytes = guestMemoryBytes(spec);
  const overhead = launcherOverheadBytes(guestBytes, cpus);
  const { requests = {}, limits = {} } = spec.domain.resources ?? {};
  const memory = (quantity: string | number): string => String(Math.ceil(parseQuantity(quantity)) + overhead);
  // A limit alone would become the request as well.
  const cpuRequest = requests.cpu ?? `${100 * cpus}m`;
  return {
    requests: { cpu: String(atMost(cpuRequest, limits.cpu)), memory: memory(requests.memory ?? guestBytes) },
    ...(limits.cpu === undefined && limits.memory === undefined
      ? {}
      : {
          limits: {
            ...(limits.cpu === undefined ? {} : { cpu: String(limits.cpu) }),
            ...(limits.memory === undefined ? {} : { memory: memory(limits.memory) }),
          },
        }),
  };
}

function atMost(quantity: string | number, limit: string | number | undefined): string | number {
  return limit !== undefined && parseQuantity(limit) < parseQuantity(quantity) ? limit : quantity;
}

function podVolumeOf(volume: Volume): PodVolume | undefined {
  const registryDisk = registryDiskOf(volume);
  if (registryDisk !== undefined) {
    const { image: reference, imagePullPolicy } = registryDisk;
    return {
      name: volume.name,
      image: { reference, ...(imagePullPolicy === undefined ? {} : { pullPolicy: imagePullPolicy }) },
    };
  }
  const secretRef = volume.ignition?.secretRef;
  if (secretRef === undefined) return undefined;
  const items = [{ key: secretRef.key ?? "userdata", path: IGNITION_FILE }];
  return { name: volume.name, secret: { secretName: secretRef.name, items, defaultMode: 0o400 } };
}

function mountsOf(volumes: readonly Volume[]): Mount[] {
  const mounts: Mount[] = [{ name: ephemeralVolumeName(volumes), mountPath: EPHEMERAL_DIR }];
  for (const volume of volumes) {
    if (podVolumeOf(volume) === undefined) continue;
    const root = volume.ignition === undefined ? REGISTRY_DISK_DIR : INIT_DATA_DIR;
    mounts.push({ name: volume.name, mountPath: `${root}/${volume.name}`, readOnly: true });
  }
  return mounts;
}

/** A name for the launcher's own volume that the user has not given to one of theirs. */
function ephemeralVolumeName(volumes: readonly Volume[]): string {
  let name = "ephemeral";
  while (volumes.some((volume) => volume.name === name)) name += "-0";
  return name;
}
