import assert from "node:assert/strict";
import { parseLaunchPlan } from "./parse-launch-plan.ts";
import { LaunchPlanError } from "./field.ts";
import { LAUNCH_PLAN_VERSION, type LaunchPlan } from "./launch-plan.ts";

const plan: LaunchPlan = {
  version: LAUNCH_PLAN_VERSION,
  namespace: "default",
  name: "vm.example",
  uid: "8a2a1f5e-0000-4000-8000-000000000001",
  identity: "8a2a1f5e-0000-4000-8000-000000000000",
  hostname: "vm",
  cpu: { sockets: 1, cores: 2, threads: 1 },
  memoryBytes: 1024 ** 3,
  hugePageBytes: 2 * 1024 ** 2,
  acceleration: "Prefer",
  firmware: { efi: true },
  kernelBoot: {
    image: "example.org/kernel:1",
    mountPath: "/kernel",
    kernelPath: "/boot/vmlinuz",
    initrdPath: "/boot/initrd",
    arguments: 'console=ttyS0 a="b"',
  },
  disks: [
    {
      name: "root",
      bus: "virtio",
      readOnly: false,
      source: {
        kind: "RegistryDisk",
        image: "example.org/disk:1",
        mountPath: "/disks/root",
        overlay: { claimName: "root", path: "/claims/root" },
      },
    },
    {
      name: "scratch",
      bus: "scsi",
      bootOrder: 2,
      serial: "S1",
      readOnly: false,
      source: { kind: "EmptyDisk", capacityBytes: 1024 ** 3 },
    },
    {
      name: "data",
      bus: "virtio",
      readOnly: false,
      source: {
        kind: "PersistentVolumeClaim",
        claimName: "data",
        volumeMode: "Filesystem",
        path: "/claims/data",
        createBytes: 1024 ** 3,
      },
    },
    {
      name: "init",
      bus: "virtio",
      readOnly: true,
      source: {
        kind: "CloudInit",
        layout: "NoCloud",
        userData: { paths: ["/init/userdata", "/init/userData"] },
        networkData: { inline: "version: 2" },
        sshKeys: ["/keys/0"],
      },
    },
    {
      name: "copy",
      bus: "virtio",
      cache: "writeback",
      io: "threads",
      readOnly: false,
      source: { kind: "EphemeralClaim", claimName: "base", volumeMode: "Block", path: "/dev/nestlet/copy" },
    },
    {
      name: "local",
      bus: "virtio",
      readOnly: false,
      source: { kind: "HostDisk", hostPath: "/srv/a.img", path: "/host/a.img", createBytes: 1024 ** 2 },
    },
    {
      name: "app",
      bus: "sata",
      cdrom: true,
      readOnly: true,
      source: { kind: "Files", folder: "/init/app", label: "cfgdata" },
    },
  ],
  filesystems: [
    { name: "files", tag: "files", source: { kind: "Folder", path: "/init/files" } },
    {
      name: "drive",
      tag: "config-2",
      source: {
        kind: "CloudInit",
        layout: "ConfigDrive",
        userData: { base64: "YQ==" },
        sshKeys: ["/keys/0"],
      },
    },
    { name: "ignition", tag: "ignition", source: { kind: "IgnitionDrive" } },
  ],
  interfaces: [
    { name: "default", binding: "bridge", model: "virtio", macAddress: "52:54:00:12:34:56" },
    {
      name: "private",
      binding: "masquerade",
      model: "e1000e",
      network: "10.0.2.0/24",
      network6: "fd10:0:2::/120",
      ports: [{ protocol: "UDP", port: 53 }],
    },
  ],
  ignition: { path: "/init/userdata", sshKeys: [{ user: "core", folder: "/keys/1" }] },
  graphics: true,
  watchdog: "poweroff",
  livenessProbe: true,
  timeouts: { startSeconds: 300, gracePeriodSeconds: 0 },
};

/** The plan with one field set to another value, or taken away (undefined). */
function changed(path: string, value: unknown): string {
  const copy = structuredClone(plan) as unknown as Record<string, unknown>;
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  let place = copy;
  for (const key of keys) place = place[key] as Record<string, unknown>;
  place[last] = value;
  return JSON.stringify(copy);
}

describe("parseLaunchPlan", () => {
  it("returns a good plan unchanged", () => {
    assert.deepEqual(parseLaunchPlan(JSON.stringify(plan)), plan);
  });

  it("takes an Ignition config in the plan itself", () => {
    const parsed = parseLaunchPlan(changed("ignition", { inline: "{}" }));
    assert.deepEqual(parsed.ignition, { inline: "{}" });
  });

  it("drops fields that it does not know", () => {
    assert.deepEqual(parseLaunchPlan(changed("later", 1)), plan);
  });

  const refused: readonly (readonly [string, unknown, string])[] = [
    ["version", 3, "version is 3, want 4; controller and launcher must be of one release"],
    ["namespace", "Default", 'namespace is "Default", want an RFC 1123 label'],
    ["name", undefined, "name is nothing, want an RFC 1123 subdomain"],
    ["identity", "", 'identity is "", want a UID'],
    ["hostname", "a.b", 'hostname is "a.b", want an RFC 1123 label'],
    ["cpu.cores", 0, "cpu.cores is 0, want a whole number from 1 to 255"],
    ["cpu.model", "a b", 'cpu.model is "a b", want a libvirt CPU model name'],
    ["memoryBytes", 1024 ** 3 + 1, "memoryBytes is 1073741825, want a multiple of 1048576"],
    ["acceleration", "kvm", 'acceleration is "kvm", want one of Prefer, Require, Emulate'],
    ["firmware.uuid", "1", 'firmware.uuid is "1", want a UUID'],
    ["disks", {}, "disks is {}, want a list"],
    ["disks.0.bus", "ide", 'disks[0].bus is "ide", want one of virtio, sata, scsi'],
    ["disks.1.name", "root", 'disks[1].name is "root", want a name that no other item of the list has'],
    ["disks.0.readOnly", "no", 'disks[0].readOnly is "no", want true or false'],
    ["disks.0.source.mountPath", "x", 'disks[0].source.mountPath is "x", want an absolute path'],
    ["disks.1.source.capacityBytes", 1.5, "want a whole number from 512 to 9007199254740991"],
    ["disks.0.source.overlay.path", "", 'disks[0].source.overlay.path is "", want an absolute path'],
    ["disks.2.source.volumeMode", "Object", 'is "Object", want one of Filesystem, Block'],
    ["disks.2.source.path", "data", 'disks[2].source.path is "data", want an absolute path'],
    ["disks.1.serial", "123456789012345678901", "want 1 to 20 letters, digits or ._+-"],
    ["disks.3.source.layout", "nocloud", "want one of NoCloud, ConfigDrive"],
    ["disks.3.source.userData", {}, "disks[3].source.userData is {}, want inline, base64 or paths"],
    ["disks.3.source.userData", { base64: "%" }, 'userData.base64 is "%", want base64'],
    ["disks.3.source.userData", { paths: ["x"] }, 'userData.paths[0] is "x", want an absolute path'],
    ["disks.0.cache", "unsafe", 'disks[0].cache is "unsafe", want one of none, writethrough, writeback'],
    ["disks.0.cdrom", false, "disks[0].cdrom is false, want true, or to be left out"],
    [
      "disks.0.source.kind",
      "Floppy",
      'disks[0].source.kind is "Floppy", want one of RegistryDisk, PersistentV',
    ],
    ["disks.6.source.label", "a b", 'disks[6].source.label is "a b", want 1 to 16 letters, digits, _ or -'],
    ["filesystems", undefined, "filesystems is nothing, want a list"],
    [
      "filesystems.1.name",
      "files",
      'filesystems[1].name is "files", want a name that no other item of the list',
    ],
    [
      "filesystems.1.tag",
      "files",
      'filesystems[1].tag is "files", want a tag that no other item of the list has',
    ],
    ["filesystems.0.tag", "x".repeat(32), "want 1 to 31 letters, digits or ._-"],
    ["filesystems.0.tag", "a,b", 'filesystems[0].tag is "a,b", want 1 to 31 letters, digits or ._-'],
    ["filesystems.0.source.path", "files", 'filesystems[0].source.path is "files", want an absolute path'],
    [
      "filesystems.0.source.kind",
      "Files",
      'source.kind is "Files", want one of Folder, CloudInit, IgnitionDrive',
    ],
    ["filesystems.1.source.userData", { paths: ["x"] }, 'filesystems[1].source.userData.paths[0] is "x"'],
    ["interfaces.0.binding", "slirp", 'interfaces[0].binding is "slirp", want one of bridge, masquerade'],
    ["interfaces.1.network", "10.0.2.0/30", "want an IPv4 network of a /29 or more like 10.0.2.0/24"],
    ["interfaces.1.ports.0.port", 0, "interfaces[1].ports[0].port is 0, want a whole number from 1 to 65535"],
    ["kernelBoot.arguments", "a\nb", "want a line of at most 2048 characters"],
    ["hugePageBytes", 4096, "hugePageBytes is 4096, want a whole number from 2097152 to 1073741824"],
    ["watchdog", "pause", 'watchdog is "pause", want one of reset, shutdown, poweroff'],
    ["interfaces.0.macAddress", "01:00:5e:00:00:01", "want a unicast MAC address like 52:54:00:12:34:56"],
    ["ignition", {}, "ignition is {}, want either path or inline"],
    [
      "ignition.sshKeys",
      [{ user: "a b", folder: "/k" }],
      'ignition.sshKeys[0].user is "a b", want a user\'s name',
    ],
    ["graphics", "vnc", 'graphics is "vnc", want true or false'],
    ["livenessProbe", false, "livenessProbe is false, want true, or to be left out"],
    ["timeouts", null, "timeouts is null, want an object"],
    ["timeouts.startSeconds", -1, "timeouts.startSeconds is -1, want a whole number from 1 to 86400"],
  ];
  for (const [path, value, message] of refused) {
    it(`refuses ${path} ${JSON.stringify(value)}`, () => {
      assert.throws(
        () => parseLaunchPlan(changed(path, value)),
        (error) => error instanceof LaunchPlanError && error.message.includes(message),
      );
    });
  }

  for (const json of ["", "{", "7", "null", "[]"]) {
    it(`refuses ${JSON.stringify(json)} as a document`, () => {
      assert.throws(() => parseLaunchPlan(json), LaunchPlanError);
    });
  }

  it("never quotes a document that is not JSON: it may hold secrets", () => {
    assert.throws(
      () => parseLaunchPlan('{"ignition":{"inline":"s3cret'),
      (error) => error instanceof LaunchPlanError && !error.message.includes("s3cret"),
    );
  });
});
