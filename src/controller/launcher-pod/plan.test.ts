import assert from "node:assert/strict";
import { guestSpec, storedInstance, storedMachine } from "../../../test/support/stored.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import { controllerRef } from "../../kube/ownership.ts";
import type { LaunchPlan } from "../../launch-plan/launch-plan.ts";
import { launcherOverheadBytes } from "./overhead.ts";
import type { Claims } from "./claims.ts";
import { launchPlanOf as planOf } from "./plan.ts";

const MiB = 2 ** 20;

function launchPlanOf(instance: VirtualMachineInstance, claims: Claims = new Map()): LaunchPlan {
  return planOf(instance, claims);
}

describe("a launch plan", () => {
  it("of the smallest instance has the schema's defaults and a bridged interface", () => {
    assert.deepEqual(launchPlanOf(storedInstance()), {
      version: 4,
      namespace: "ns",
      name: "a",
      uid: "0b7c6f1e-0000-4000-8000-000000000001",
      identity: "0b7c6f1e-0000-4000-8000-000000000001",
      hostname: "a",
      cpu: { sockets: 1, cores: 1, threads: 1 },
      memoryBytes: 64 * MiB,
      acceleration: "Prefer",
      firmware: {},
      disks: [
        {
          name: "root",
          bus: "virtio",
          readOnly: false,
          source: {
            kind: "RegistryDisk",
            image: "nestlet.dev/halt:1",
            mountPath: "/var/run/nestlet/registry-disks/root",
          },
        },
      ],
      filesystems: [],
      interfaces: [{ name: "default", binding: "bridge", model: "virtio" }],
      graphics: true,
      timeouts: { startSeconds: 300, gracePeriodSeconds: 30 },
    });
  });

  it("takes its identity from the machine, so that it is the same at each run", () => {
    const machine = storedMachine({ runStrategy: "Always" });
    const instance = storedInstance({}, undefined, { ownerReferences: [controllerRef(machine)] });
    assert.equal(launchPlanOf(instance).identity, machine.metadata.uid);
  });

  it("takes identity from no other owner", () => {
    const owner = { ...storedMachine({}), kind: "CoreOSCluster" };
    const instance = storedInstance({}, undefined, { ownerReferences: [controllerRef(owner)] });
    assert.equal(launchPlanOf(instance).identity, instance.metadata.uid);
  });

  it("carries all that a spec may say", () => {
    const plan = launchPlanOf(
      storedInstance({
        hostname: "web",
        domain: {
          cpu: { sockets: 2, cores: 3, threads: 4, model: "host-model" },
          resources: { requests: { memory: "1025k" } },
          firmware: { uuid: "11111111-2222-3333-4444-555555555555", serial: "s1" },
          acceleration: "Require",
          devices: {
            disks: [
              { name: "data", disk: { bus: "scsi", readonly: true }, bootOrder: 2, serial: "d1" },
              { name: "root", bootOrder: 1 },
            ],
            interfaces: [{ name: "lan", model: "e1000e", macAddress: "02:AB:00:00:00:01" }],
          },
        },
        networks: [{ name: "lan", pod: {} }],
        volumes: [
          { name: "root", containerDisk: { image: "img", path: "/disk/x.img", capacity: "1Gi" } },
          { name: "data", emptyDisk: { capacity: "1500" } },
          { name: "init", ignition: { secretRef: { name: "s", key: "userdata" } } },
        ],
        terminationGracePeriodSeconds: 0,
        startTimeoutSeconds: 10,
      }),
    );
    assert.equal(plan.hostname, "web");
    assert.deepEqual(plan.cpu, { sockets: 2, cores: 3, threads: 4, model: "host-model" });
    assert.equal(plan.memoryBytes, MiB);
    assert.deepEqual(plan.firmware, { uuid: "11111111-2222-3333-4444-555555555555", serial: "s1" });
    assert.equal(plan.acceleration, "Require");
    assert.deepEqual(plan.disks, [
      {
        name: "data",
        bus: "scsi",
        bootOrder: 2,
        serial: "d1",
        readOnly: true,
        source: { kind: "EmptyDisk", capacityBytes: 1500 },
      },
      {
        name: "root",
        bus: "virtio",
        bootOrder: 1,
        readOnly: false,
        source: {
          kind: "RegistryDisk",
          image: "img",
          mountPath: "/var/run/nestlet/registry-disks/root",
          path: "/disk/x.img",
          capacityBytes: 2 ** 30,
        },
      },
    ]);
    assert.deepEqual(plan.interfaces, [
      { name: "lan", binding: "bridge", model: "e1000e", macAddress: "02:ab:00:00:00:01" },
    ]);
    assert.deepEqual(plan.ignition, { path: "/var/run/nestlet/init-data/init/config.ign" });
    assert.deepEqual(plan.timeouts, { startSeconds: 10, gracePeriodSeconds: 0 });
  });

  describe("of a disk on a claim", () => {
    const filesystem: Claims = new Map([["data", { volumeMode: "Filesystem", capacityBytes: 10 * MiB }]]);
    const block: Claims = new Map([["data", { volumeMode: "Block", capacityBytes: 10 * MiB }]]);
    const kind = "PersistentVolumeClaim";
    const claimName = "data";
    for (const [title, volume, claims, readOnly, source] of [
      ["names its folder", {}, filesystem, false, { path: "/var/run/nestlet/claims/root" }],
      [
        "has the claim's size for a disk to be made",
        { create: true },
        filesystem,
        false,
        { path: "/var/run/nestlet/claims/root", createBytes: 10 * MiB },
      ],
      [
        "is read-only as the claim is",
        { readOnly: true },
        filesystem,
        true,
        { path: "/var/run/nestlet/claims/root" },
      ],
      ["names the device of a Block claim", { create: true }, block, false, { path: "/dev/nestlet/root" }],
    ] as const) {
      it(title, () => {
        const volumes = [{ name: "root", persistentVolumeClaim: { claimName, ...volume } }];
        const [disk] = launchPlanOf(storedInstance({ volumes }), claims).disks;
        assert.equal(disk?.readOnly, readOnly);
        const volumeMode = claims === block ? "Block" : "Filesystem";
        assert.deepEqual(disk.source, { kind, claimName, volumeMode, ...source });
      });
    }
    it("cannot be made without knowing the claim", () => {
      const volumes = [{ name: "root", persistentVolumeClaim: { claimName } }];
      assert.throws(() => launchPlanOf(storedInstance({ volumes })), /nothing is known of claim "data"/);
    });
  });

  it("of the rarer disks says where the pod has them", () => {
    const devices = {
      disks: [
        { name: "copy", cache: "none" as const, io: "native" as const },
        { name: "local" },
        { name: "app", cdrom: {} },
        { name: "key" },
      ],
    };
    const volumes = [
      { name: "copy", ephemeral: { persistentVolumeClaim: { claimName: "base" } } },
      {
        name: "local",
        hostDisk: { path: "/srv/disks/a.img", type: "DiskOrCreate" as const, capacity: "1Mi" },
      },
      { name: "app", configMap: { name: "app", volumeLabel: "app" } },
      { name: "key", secret: { secretName: "key" } },
    ];
    const claims: Claims = new Map([["base", { volumeMode: "Block", capacityBytes: MiB }]]);
    const domain = { ...guestSpec.domain, devices };
    assert.deepEqual(launchPlanOf(storedInstance({ domain, volumes }), claims).disks, [
      {
        name: "copy",
        bus: "virtio",
        cache: "none",
        io: "native",
        readOnly: false,
        source: { kind: "EphemeralClaim", claimName: "base", volumeMode: "Block", path: "/dev/nestlet/copy" },
      },
      {
        name: "local",
        bus: "virtio",
        readOnly: false,
        source: {
          kind: "HostDisk",
          hostPath: "/srv/disks/a.img",
          path: "/var/run/nestlet/host-disks/local/a.img",
          createBytes: MiB,
        },
      },
      {
        name: "app",
        bus: "sata",
        cdrom: true,
        readOnly: true,
        source: { kind: "Files", folder: "/var/run/nestlet/init-data/app", label: "app" },
      },
      {
        name: "key",
        bus: "virtio",
        readOnly: true,
        source: { kind: "Files", folder: "/var/run/nestlet/init-data/key", label: "cfgdata" },
      },
    ]);
  });

  it("of a guest behind the pod has its private networks and ports", () => {
    const nic = {
      name: "lan",
      masquerade: {},
      ports: [{ port: 80 }, { port: 53, protocol: "UDP" as const }],
    };
    const domain = { ...guestSpec.domain, devices: { interfaces: [nic] } };
    const networks = [{ name: "lan", pod: { vmNetworkCIDR: "10.11.0.0/16" } }];
    assert.deepEqual(launchPlanOf(storedInstance({ domain, networks, volumes: [] })).interfaces, [
      {
        name: "lan",
        model: "virtio",
        binding: "masquerade",
        network: "10.11.0.0/16",
        network6: "fd10:0:2::/120",
        ports: [
          { protocol: "TCP", port: 80 },
          { protocol: "UDP", port: 53 },
        ],
      },
    ]);
  });

  it("carries firmware, kernel, huge pages and watchdog", () => {
    const domain = {
      ...guestSpec.domain,
      memory: { guest: "64Mi", hugepages: { pageSize: "2Mi" as const } },
      firmware: {
        bootloader: { efi: {} },
        kernelBoot: { kernelArgs: "quiet", container: { image: "k", kernelPath: "/vmlinuz" } },
      },
      devices: { watchdog: { name: "w", i6300esb: { action: "shutdown" as const } } },
    };
    const plan = launchPlanOf(storedInstance({ domain, volumes: [] }));
    assert.deepEqual(plan.firmware, { efi: true });
    assert.deepEqual(plan.kernelBoot, {
      image: "k",
      mountPath: "/var/run/nestlet/kernel-boot",
      kernelPath: "/vmlinuz",
      arguments: "quiet",
    });
    assert.deepEqual([plan.hugePageBytes, plan.watchdog], [2 * MiB, "shutdown"]);
  });

  it("carries an inline Ignition config itself", () => {
    const volumes = [...(guestSpec.volumes ?? []), { name: "init", ignition: { inline: "{}" } }];
    assert.deepEqual(launchPlanOf(storedInstance({ volumes })).ignition, { inline: "{}" });
  });

  it("has no interface where none is wanted", () => {
    const domain = { ...guestSpec.domain, devices: { autoattachPodInterface: false } };
    assert.deepEqual(launchPlanOf(storedInstance({ domain, volumes: [] })).interfaces, []);
  });

  it("has no display where none is wanted", () => {
    const devices = { ...guestSpec.domain.devices, autoattachGraphicsDevice: false };
    const plan = launchPlanOf(storedInstance({ domain: { ...guestSpec.domain, devices } }));
    assert.equal(plan.graphics, undefined);
  });

  it("tells of a liveness probe, as that rules out pauses", () => {
    const livenessProbe = { tcpSocket: { port: 22 } };
    assert.equal(launchPlanOf(storedInstance({ livenessProbe })).livenessProbe, true);
  });

  it("rounds memory up to whole MiB", () => {
    const domain = { ...guestSpec.domain, memory: { guest: "100M" } };
    assert.equal(launchPlanOf(storedInstance({ domain })).memoryBytes, 96 * MiB);
  });

  it("cannot be made of what an older schema let through", () => {
    const domain = { devices: {} };
    assert.throws(() => launchPlanOf(storedInstance({ domain })), /spec\.domain\.memory\.guest is missing/);
    assert.throws(() => launchPlanOf(storedInstance({ volumes: [] })), /disk "root" has no volume/);
  });
});

describe("a launcher's overhead", () => {
  it("grows with processors and page tables", () => {
    assert.equal(launcherOverheadBytes(64 * MiB, 1), 169 * MiB);
    assert.equal(launcherOverheadBytes(1024 * MiB, 1), 170 * MiB);
    assert.equal(launcherOverheadBytes(1024 * MiB, 4), 194 * MiB);
  });
});
