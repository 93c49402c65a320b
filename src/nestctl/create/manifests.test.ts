import assert from "node:assert/strict";
import { clusterManifest, machineManifest, type MachineFlags } from "./manifests.ts";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 me@here";
const flags: MachineFlags = { image: "nestlet.dev/halt:1", memory: "1Gi", cpus: "2", runStrategy: "Always" };

describe("machineManifest", () => {
  const volumesOf = (more: Partial<MachineFlags>, base: Partial<MachineFlags> = flags): unknown =>
    machineManifest("web", { ...(base as MachineFlags), ...more }).spec.template.spec.volumes;

  it("is the smallest machine", () => {
    assert.deepEqual(machineManifest("web", flags), {
      apiVersion: "nestlet.dev/v1alpha1",
      kind: "VirtualMachine",
      metadata: { name: "web" },
      spec: {
        runStrategy: "Always",
        template: {
          spec: {
            domain: {
              cpu: { cores: 2 },
              memory: { guest: "1Gi" },
              devices: {
                disks: [{ name: "root", disk: { bus: "virtio" } }],
                interfaces: [{ name: "default", bridge: {} }],
              },
            },
            networks: [{ name: "default", pod: {} }],
            volumes: [{ name: "root", registryDisk: { image: "nestlet.dev/halt:1" } }],
          },
        },
      },
    });
  });
  const noImage = { memory: "1Gi", cpus: "2", runStrategy: "Always" } as const;
  const root = { name: "root", registryDisk: { image: "nestlet.dev/halt:1" } };
  for (const [title, more, base, volumes] of [
    ["a claim", { claim: "c" }, noImage, [{ name: "root", persistentVolumeClaim: { claimName: "c" } }]],
    [
      "an image and a claim",
      { claim: "c", size: "10Gi" },
      flags,
      [
        {
          name: "root",
          registryDisk: { image: "nestlet.dev/halt:1", capacity: "10Gi", overlay: { claimName: "c" } },
        },
      ],
    ],
    ["a config", { ignition: "{}" }, flags, [root, { name: "ignition", ignition: { inline: "{}" } }]],
    [
      "a Secret",
      { cloudInitSecret: "s" },
      flags,
      [root, { name: "init", cloudInitNoCloud: { secretRef: { name: "s" } } }],
    ],
    [
      "more disks",
      { emptyDisk: ["1Gi"], dataClaim: ["a", "b"] },
      flags,
      [
        root,
        { name: "empty-0", emptyDisk: { capacity: "1Gi" } },
        { name: "data-0", persistentVolumeClaim: { claimName: "a" } },
        { name: "data-1", persistentVolumeClaim: { claimName: "b" } },
      ],
    ],
  ] as const) {
    it(`has ${title}`, () => assert.deepEqual(volumesOf(more as never, base), volumes));
  }
  it("lets a key in", () => {
    const [, volume] = volumesOf({ sshKey: KEY }) as { ignition: { inline: string } }[];
    const config = JSON.parse(volume?.ignition.inline ?? "") as { passwd: { users: object[] } };
    assert.deepEqual(config.passwd.users, [{ name: "core", sshAuthorizedKeys: [KEY] }]);
  });
  it("labels machine and pods", () => {
    const { metadata, spec } = machineManifest("web", { ...flags, label: ["app=web", "x="] });
    assert.deepEqual(metadata.labels, { app: "web", x: "" });
    assert.deepEqual(spec.template.metadata, { labels: { app: "web", x: "" } });
  });
  for (const [change, message] of [
    [{ image: undefined }, /no root disk/],
    [{ image: undefined, claim: "c", size: "1Gi" }, /--size is for --image/],
    [{ image: "docker://r.example/x:1" }, /--image: "docker:\/\/r.example\/x:1" is a URL/],
    [{ image: "x/y 1" }, /--image: "x\/y 1" is no reference: it has a space/],
    [{ ignition: "variant: fcos" }, /--ignition: the config is not JSON/],
    [{ memory: "much" }, /--memory: "much"/],
    [{ cpus: "two" }, /--cpus: "two"/],
    [{ sshKey: "-----BEGIN OPENSSH PRIVATE KEY-----" }, /--ssh-key: .*no public key/],
    [{ sshKey: KEY, ignition: "{}" }, /more than one of/],
    [{ label: ["x"] }, /--label: "x"/],
  ] as const) {
    it(`refuses ${JSON.stringify(change)}`, () => {
      assert.throws(() => machineManifest("web", { ...flags, ...change } as never), { exitCode: 2, message });
    });
  }
  it("refuses a name that is none", () =>
    assert.throws(() => machineManifest("Web", flags), /"Web" is no name/));
});

describe("clusterManifest", () => {
  it("is the smallest cluster", () => {
    assert.deepEqual(clusterManifest("lab", { workers: "3" }), {
      apiVersion: "nestlet.dev/v1alpha1",
      kind: "CoreOSCluster",
      metadata: { name: "lab" },
      spec: { workers: { replicas: 3 } },
    });
  });
  it("has all that was given", () => {
    const { spec } = clusterManifest("lab", {
      workers: "1",
      image: "flatcar",
      kubernetes: "v1.36.3",
      memory: "2Gi",
      masterCpus: "4",
      persistent: true,
      pool: ["gpu=2", "big"],
      expose: "NodePort",
      sshKey: [KEY],
    });
    const machine = { memory: "2Gi", disk: { persistent: {} } };
    assert.deepEqual(spec, {
      image: "flatcar",
      version: "v1.36.3",
      controlPlane: { machine: { cores: 4, disk: { persistent: {} } } },
      workers: { replicas: 1, machine },
      pools: [
        { name: "gpu", replicas: 2, machine },
        { name: "big", replicas: 1, machine },
      ],
      endpoint: { type: "NodePort" },
      ssh: { authorizedKeys: [KEY] },
    });
  });
  it("refuses what is wrong", () => {
    assert.throws(() => clusterManifest("lab", { workers: "1", image: "https://a/b" }), /a URL/);
    assert.throws(() => clusterManifest("lab", { workers: "many" }), /--workers: "many"/);
    assert.throws(() => clusterManifest("lab", { workers: "1", pool: ["=2"] }), /--pool: "=2"/);
    assert.throws(() => clusterManifest("lab", { workers: "1", masterMemory: "x" }), /--master-memory: "x"/);
  });
});
