import type { Case, Fields } from "../harness/refusal.ts";

const root = { name: "root", registryDisk: { image: "nestlet.dev/halt:1" } };

/** The smallest spec, with changes to it and to its domain. */
export function instanceSpec(changes: Fields = {}, domain: Fields = {}): Fields {
  return {
    domain: { memory: { guest: "64Mi" }, devices: { disks: [{ name: "root" }] }, ...domain },
    volumes: [root],
    ...changes,
  };
}

function devices(changes: Fields): Fields {
  return { devices: { disks: [{ name: "root" }], ...changes } };
}

export function disks(...names: (string | Fields)[]): Fields {
  return { devices: { disks: names.map((name) => (typeof name === "string" ? { name } : name)) } };
}

export const instanceCases: Case[] = [
  {
    title: "a disk without volume",
    spec: instanceSpec({}, disks("root", "data")),
    says: 'domain.devices.disks: disk "data" has no volume; add a volume of this name to spec.volumes or remove the disk',
  },
  {
    title: "a volume without disk",
    spec: instanceSpec({ volumes: [root, { name: "data", emptyDisk: { capacity: "1Gi" } }] }),
    says: 'volumes: volume "data" is used by no disk and no filesystem; add a disk of this name to spec.domain.devices.disks or remove the volume',
  },
  {
    title: "two ignition volumes",
    spec: instanceSpec({
      volumes: [root, { name: "i", ignition: { inline: "{}" } }, { name: "j", ignition: { inline: "{}" } }],
    }),
    says: 'volumes: "j" is a second ignition volume; a guest takes one config: merge the two',
  },
  {
    title: "a claim that two volumes use",
    spec: instanceSpec(
      {
        volumes: ["root", "data"].map((name) => ({ name, persistentVolumeClaim: { claimName: "c" } })),
      },
      disks("root", "data"),
    ),
    says: 'volumes: claim "c" is used by more than one volume; one claim holds one disk',
  },
  {
    title: "two disks of a name",
    spec: instanceSpec({}, disks("root", "root")),
    says: 'spec.domain.devices.disks[1]: Duplicate value: {"name":"root"}',
  },
  {
    title: "two volumes of a name",
    spec: instanceSpec({ volumes: [root, root] }),
    says: 'spec.volumes[1]: Duplicate value: {"name":"root"}',
  },
  {
    title: "two sources in a volume",
    spec: instanceSpec({ volumes: [{ ...root, emptyDisk: { capacity: "1Gi" } }] }),
    says: 'volume "root" must have exactly one source: registryDisk (or its alias containerDisk), persistentVolumeClaim, ephemeral, emptyDisk, hostDisk, configMap, secret, cloudInitNoCloud, cloudInitConfigDrive or ignition',
  },
  {
    title: "a volume without source",
    spec: instanceSpec({ volumes: [{ name: "root" }] }),
    says: 'volume "root" must have exactly one source',
  },
  {
    title: "an unknown bus",
    spec: instanceSpec({}, disks({ name: "root", disk: { bus: "ide" } })),
    says: 'spec.domain.devices.disks[0].disk.bus: Unsupported value: "ide": supported values: "virtio", "sata", "scsi"',
  },
  {
    title: "a boot order given twice",
    spec: instanceSpec(
      { volumes: [root, { name: "data", emptyDisk: { capacity: "1Gi" } }] },
      disks({ name: "root", bootOrder: 1 }, { name: "data", bootOrder: 1 }),
    ),
    says: "disks: bootOrder 1 is given to more than one disk; give each its own number",
  },
  {
    title: "a boot order of 0",
    spec: instanceSpec({}, disks({ name: "root", bootOrder: 0 })),
    says: "spec.domain.devices.disks[0].bootOrder: Invalid value: 0",
  },
  {
    title: "no memory",
    spec: instanceSpec({}, { memory: {} }),
    says: "domain.memory.guest is missing; say how much memory the guest sees, for example 1Gi",
  },
  {
    title: "memory without its unit",
    spec: instanceSpec({}, { memory: { guest: 512 } }),
    says: "spec.domain.memory.guest: Invalid value: 512: 512 is too little memory for a guest: at least 16Mi are needed; write a quantity with its unit, for example 512Mi",
  },
  {
    title: "memory that is no quantity",
    spec: instanceSpec({}, { memory: { guest: "1 GB" } }),
    says: "spec.domain.memory.guest: Invalid value",
  },
  {
    title: "a memory limit below the guest's memory",
    spec: instanceSpec({}, { resources: { limits: { memory: "32Mi" } } }),
    says: "domain.resources.limits.memory is 32Mi, less than the 64Mi of domain.memory.guest: the guest would be killed; raise the limit or leave it out",
  },
  {
    title: "a memory request above its limit",
    spec: instanceSpec({}, { resources: { requests: { memory: "2Gi" }, limits: { memory: "1Gi" } } }),
    says: "requests.memory is 2Gi, more than the 1Gi of limits.memory; lower the request or raise the limit",
  },
  {
    title: "a CPU request above its limit",
    spec: instanceSpec({}, { resources: { requests: { cpu: 3 }, limits: { cpu: "2500m" } } }),
    says: "requests.cpu is 3, more than the 2500m of limits.cpu; lower the request or raise the limit",
  },
  {
    title: "more processors than a guest can have",
    spec: instanceSpec({}, { cpu: { sockets: 4, cores: 64 } }),
    says: "sockets × cores × threads is 256; a guest has at most 255 processors",
  },
  {
    title: "an interface without network",
    spec: instanceSpec({}, devices({ interfaces: [{ name: "lan" }] })),
    says: 'interface "lan" has no network; add {name: lan, pod: {}} to spec.networks',
  },
  {
    title: "a network without interface",
    spec: instanceSpec({ networks: [{ name: "lan", pod: {} }] }),
    says: 'networks: network "lan" is used by no interface; add one of this name to spec.domain.devices.interfaces or remove the network',
  },
  {
    title: "interfaces where none are wanted",
    spec: instanceSpec(
      { networks: [{ name: "lan", pod: {} }] },
      devices({ autoattachPodInterface: false, interfaces: [{ name: "lan" }] }),
    ),
    says: "autoattachPodInterface is false but interfaces are listed; remove the interfaces, or autoattachPodInterface",
  },
  {
    title: "a multicast MAC address",
    spec: instanceSpec(
      { networks: [{ name: "lan", pod: {} }] },
      devices({ interfaces: [{ name: "lan", macAddress: "01:00:5e:00:00:01" }] }),
    ),
    says: "01:00:5e:00:00:01 is a multicast address; the second digit of a unicast MAC address is even",
  },
  {
    title: "a path out of the image",
    spec: instanceSpec({
      volumes: [{ name: "root", registryDisk: { image: "x", path: "/disk/../etc/passwd" } }],
    }),
    says: '"/disk/../etc/passwd" must be an absolute path without "..", for example /disk/root.qcow2',
  },
  {
    title: "an empty disk without unit",
    spec: instanceSpec({ volumes: [{ name: "root", emptyDisk: { capacity: 10 } }] }),
    says: "10 is too small for a disk: at least 1Mi is needed; write a quantity with its unit, for example 10Gi",
  },
  {
    title: "an Ignition config in two places",
    spec: instanceSpec({
      volumes: [root, { name: "i", ignition: { inline: "{}", secretRef: { name: "s" } } }],
    }),
    says: "exactly one of inline, secretRef and configMapRef must be given",
  },
  {
    title: "Butane in place of Ignition",
    spec: instanceSpec({ volumes: [root, { name: "i", ignition: { inline: "variant: fcos" } }] }),
    says: "inline is not JSON, which an Ignition config is; translate Butane YAML with `butane` first",
  },
  {
    title: "an unknown acceleration",
    spec: instanceSpec({}, { acceleration: "kvm" }),
    says: 'spec.domain.acceleration: Unsupported value: "kvm": supported values: "Prefer", "Require", "Emulate"',
  },
  {
    title: "live migration asked for",
    spec: instanceSpec({ evictionStrategy: "LiveMigrate" }),
    says: 'spec.evictionStrategy: Invalid value: "LiveMigrate": LiveMigrate is not supported: guests cannot be moved while they run; use External to have drains wait, or None to have the guest shut down',
  },
  {
    title: "a probe of two kinds",
    spec: instanceSpec({ readinessProbe: { httpGet: { port: 80 }, tcpSocket: { port: 22 } } }),
    says: "spec.readinessProbe: Invalid value: exactly one of exec, guestAgentPing, httpGet and tcpSocket must be given",
  },
  {
    title: "a probe of no kind",
    spec: instanceSpec({ livenessProbe: { periodSeconds: 5 } }),
    says: "spec.livenessProbe: Invalid value: exactly one of exec, guestAgentPing, httpGet and tcpSocket must be given",
  },
  {
    title: "a probe of a guest without network",
    spec: instanceSpec(
      { readinessProbe: { tcpSocket: { port: 22 } } },
      devices({ autoattachPodInterface: false }),
    ),
    says: "a probe of httpGet or tcpSocket reaches the guest over the pod network, and autoattachPodInterface is false; use exec or guestAgentPing, remove the probe, or remove autoattachPodInterface",
  },
  {
    title: "a liveness probe of a guest without network",
    spec: instanceSpec(
      { readinessProbe: { guestAgentPing: {} }, livenessProbe: { httpGet: { port: 22 } } },
      devices({ autoattachPodInterface: false }),
    ),
    says: "a probe of httpGet or tcpSocket reaches the guest over the pod network, and autoattachPodInterface is false",
  },
  {
    title: "a probe without a command",
    spec: instanceSpec({ readinessProbe: { exec: { command: [] } } }),
    says: "spec.readinessProbe.exec.command: Invalid value: 0: spec.readinessProbe.exec.command in body should have at least 1 items",
  },
  {
    title: "a port of a name",
    spec: instanceSpec({ readinessProbe: { tcpSocket: { port: "ssh" } } }),
    says: 'spec.readinessProbe.tcpSocket.port: Invalid value: "string": spec.readinessProbe.tcpSocket.port in body must be of type integer',
  },
  {
    title: "an unknown field",
    spec: instanceSpec({}, devices({ gpus: [] })),
    says: 'unknown field "spec.domain.devices.gpus"',
  },
  ...(["requests", "limits"] as const).map((which) => ({
    title: `too little memory in its ${which}`,
    spec: instanceSpec({}, { resources: { [which]: { memory: "8Mi" } } }),
    says: `spec.domain.resources.${which}.memory: Invalid value: "8Mi": 8Mi is too little memory for a guest`,
  })),
  ...(["registryDisk", "containerDisk"] as const).flatMap((source) => [
    {
      title: `a ${source} without unit`,
      spec: instanceSpec({ volumes: [{ name: "root", [source]: { image: "x", capacity: 10 } }] }),
      says: "10 is too small for a disk: at least 1Mi is needed; write a quantity with its unit, for example 10Gi",
    },
    {
      title: `a relative path in a ${source}`,
      spec: instanceSpec({ volumes: [{ name: "root", [source]: { image: "x", path: "disk/root.qcow2" } }] }),
      says: '"disk/root.qcow2" must be an absolute path',
    },
    {
      title: `a URL as the image of a ${source}`,
      spec: instanceSpec({ volumes: [{ name: "root", [source]: { image: "docker://r.example/x:1" } }] }),
      says: '"docker://r.example/x:1" is a URL; write the reference of a container image without a scheme',
    },
  ]),
  {
    title: "keys for ssh from nowhere",
    spec: instanceSpec({
      accessCredentials: [{ sshPublicKey: { source: {}, propagationMethod: { noCloud: {} } } }],
    }),
    says: "exactly one of secret and configMap must be given",
  },
];
