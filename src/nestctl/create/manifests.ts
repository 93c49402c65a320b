import type { CoreOSCluster, Disk, VirtualMachine, Volume, MemberMachine } from "../../api/resources.ts";
import { referenceFault } from "../../api/image-reference.ts";
import { usageError } from "../frame/cli-error.ts";

type Manifest<T extends { metadata: unknown; status?: unknown }> = Omit<T, "metadata" | "status"> & {
  metadata: { name: string; labels?: Record<string, string> };
};

export interface MachineFlags {
  image?: string;
  claim?: string;
  size?: string;
  memory: string;
  cpus: string;
  runStrategy: NonNullable<VirtualMachine["spec"]["runStrategy"]>;
  /** Text of an Ignition config. */
  ignition?: string;
  ignitionSecret?: string;
  /** Text for cloud-init. */
  cloudInit?: string;
  cloudInitSecret?: string;
  /** A line of authorized_keys. */
  sshKey?: string;
  emptyDisk?: string[];
  dataClaim?: string[];
  label?: string[];
}

/** @throws CliError for flags that do not go together */
export function machineManifest(name: string, flags: MachineFlags): Manifest<VirtualMachine> {
  const labels = labelsOf(flags.label ?? []);
  const volumes = [rootVolume(flags), ...initVolumes(flags), ...moreVolumes(flags)];
  const disks = volumes
    .filter((volume) => volume.ignition === undefined)
    .map(({ name: disk }): Disk => ({ name: disk, disk: { bus: "virtio" } }));
  return {
    apiVersion: "nestlet.dev/v1alpha1",
    kind: "VirtualMachine",
    metadata: { name: nameOf(name), ...(labels === undefined ? {} : { labels }) },
    spec: {
      runStrategy: flags.runStrategy,
      template: {
        ...(labels === undefined ? {} : { metadata: { labels } }),
        spec: {
          domain: {
            cpu: { cores: countOf(flags.cpus, "--cpus") },
            memory: { guest: quantityOf(flags.memory, "--memory") },
            devices: { disks, interfaces: [{ name: "default", bridge: {} }] },
          },
          networks: [{ name: "default", pod: {} }],
          volumes,
        },
      },
    },
  };
}

function rootVolume({ image, claim, size }: MachineFlags): Volume {
  if (image === undefined && claim === undefined) {
    throw usageError("there is no root disk", "give --image REFERENCE, or --claim NAME");
  }
  if (image === undefined) {
    if (size !== undefined)
      throw usageError("--size is for --image: a claim has a size of its own", "leave it out");
    return { name: "root", persistentVolumeClaim: { claimName: claim ?? "" } };
  }
  return {
    name: "root",
    registryDisk: {
      image: imageOf(image),
      ...(size === undefined ? {} : { capacity: quantityOf(size, "--size") }),
      ...(claim === undefined ? {} : { overlay: { claimName: claim } }),
    },
  };
}

function initVolumes(flags: MachineFlags): Volume[] {
  const given = [
    [flags.ignition, (text = ""): Volume => ({ name: "ignition", ignition: { inline: configOf(text) } })],
    [flags.ignitionSecret, (name = ""): Volume => ({ name: "ignition", ignition: { secretRef: { name } } })],
    [flags.sshKey, (key = ""): Volume => ({ name: "ignition", ignition: { inline: ignitionOf(key) } })],
    [flags.cloudInit, (userData = ""): Volume => ({ name: "init", cloudInitNoCloud: { userData } })],
    [
      flags.cloudInitSecret,
      (name = ""): Volume => ({ name: "init", cloudInitNoCloud: { secretRef: { name } } }),
    ],
  ] as const;
  const volumes = given.flatMap(([value, volume]) => (value === undefined ? [] : [volume(value)]));
  if (volumes.length > 1) {
    throw usageError(
      "--ignition, --ignition-secret, --ssh-key, --cloud-init and --cloud-init-secret are given more than one of",
      "give one; a key goes into the config",
    );
  }
  return volumes;
}

/** Whether Ignition takes it, the guest says; people give Butane's YAML. */
function configOf(text: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw usageError(
      `--ignition: the config is not JSON: ${why}`,
      "translate Butane's YAML: butane --strict FILE.bu",
    );
  }
}

/** A config that lets a key in as `core`. */
function ignitionOf(key: string): string {
  return JSON.stringify({
    ignition: { version: "3.3.0" },
    passwd: { users: [{ name: "core", sshAuthorizedKeys: [keyOf(key)] }] },
  });
}

function moreVolumes({ emptyDisk = [], dataClaim = [] }: MachineFlags): Volume[] {
  return [
    ...emptyDisk.map((size, at): Volume => ({
      name: `empty-${String(at)}`,
      emptyDisk: { capacity: quantityOf(size, "--empty-disk") },
    })),
    ...dataClaim.map((claimName, at): Volume => ({
      name: `data-${String(at)}`,
      persistentVolumeClaim: { claimName },
    })),
  ];
}

export interface ClusterFlags {
  image?: string;
  kubernetes?: string;
  workers: string;
  pool?: string[];
  cpus?: string;
  memory?: string;
  masterCpus?: string;
  masterMemory?: string;
  persistent?: boolean;
  expose?: "ClusterIP" | "NodePort" | "LoadBalancer";
  /** Lines of authorized_keys. */
  sshKey?: string[];
}

/** @throws CliError naming a flag that is wrong */
export function clusterManifest(name: string, flags: ClusterFlags): Manifest<CoreOSCluster> {
  const worker = memberOf({ cpus: flags.cpus, memory: flags.memory }, "", flags.persistent);
  const master = memberOf(
    { cpus: flags.masterCpus, memory: flags.masterMemory },
    "master-",
    flags.persistent,
  );
  return {
    apiVersion: "nestlet.dev/v1alpha1",
    kind: "CoreOSCluster",
    metadata: { name: nameOf(name) },
    spec: {
      ...(flags.image === undefined ? {} : { image: imageOf(flags.image) }),
      ...(flags.kubernetes === undefined ? {} : { version: flags.kubernetes }),
      ...(master === undefined ? {} : { controlPlane: { machine: master } }),
      workers: {
        replicas: countOf(flags.workers, "--workers"),
        ...(worker === undefined ? {} : { machine: worker }),
      },
      ...(flags.pool === undefined ? {} : { pools: flags.pool.map((pool) => poolOf(pool, worker)) }),
      ...(flags.expose === undefined ? {} : { endpoint: { type: flags.expose } }),
      ...(flags.sshKey === undefined ? {} : { ssh: { authorizedKeys: flags.sshKey.map(keyOf) } }),
    },
  };
}

function memberOf(
  { cpus, memory }: { cpus: string | undefined; memory: string | undefined },
  prefix: string,
  persistent = false,
): MemberMachine | undefined {
  const machine: MemberMachine = {
    ...(cpus === undefined ? {} : { cores: countOf(cpus, `--${prefix}cpus`) }),
    ...(memory === undefined ? {} : { memory: quantityOf(memory, `--${prefix}memory`) }),
    ...(persistent ? { disk: { persistent: {} } } : {}),
  };
  return Object.keys(machine).length === 0 ? undefined : machine;
}

function poolOf(text: string, machine: MemberMachine | undefined): { name: string; replicas: number } {
  const [name = "", count, ...more] = text.split("=");
  if (name === "" || more.length > 0)
    throw usageError(`--pool: "${text}" is no pool`, "write NAME=COUNT, such as gpu=2");
  const replicas = count === undefined ? 1 : countOf(count, "--pool");
  return { name, replicas, ...(machine === undefined ? {} : { machine }) };
}

function nameOf(name: string): string {
  if (/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(name)) return name;
  throw usageError(`"${name}" is no name for an object`, "use lower-case letters, digits, - and .");
}

function imageOf(text: string): string {
  const fault = referenceFault(text);
  if (fault === undefined) return text;
  throw usageError(`--image: "${text}" is ${fault.what}`, fault.remedy);
}

function countOf(text: string, flag: string): number {
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw usageError(`${flag}: "${text}" is no number`, "give for example 2");
}

function quantityOf(text: string, flag: string): string {
  if (/^\d+(\.\d+)?([KMGTPE]i?|k)?$/.test(text)) return text;
  throw usageError(`${flag}: "${text}" is no quantity`, "write for example 512Mi or 2Gi");
}

function keyOf(line: string): string {
  if (/^(ssh-|ecdsa-|sk-)\S+ \S+/.test(line) && !line.includes("\n")) return line;
  throw usageError(
    `--ssh-key: "${line.slice(0, 30)}" is no public key`,
    "give the file that ends in .pub, with one key",
  );
}

function labelsOf(texts: readonly string[]): Record<string, string> | undefined {
  if (texts.length === 0) return undefined;
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf("=");
      if (at < 1) throw usageError(`--label: "${text}" is no label`, "write KEY=VALUE");
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}
