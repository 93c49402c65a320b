import assert from "node:assert/strict";
import { guestSpec } from "../../../test/support/stored.ts";
import type { InstanceSpec, Volume } from "../../api/resources.ts";
import { filesystemPlansOf } from "./filesystems.ts";

/** A spec that shares volumes. */
function sharing(...volumes: Volume[]): InstanceSpec {
  const filesystems = volumes.map(({ name }) => ({ name, virtio9p: {} }));
  return { ...guestSpec, domain: { ...guestSpec.domain, devices: { filesystems } }, volumes };
}

describe("a filesystem's plan", () => {
  const cases: readonly (readonly [string, Volume, object])[] = [
    [
      "of a ConfigMap has its name as tag, and the folder that the pod mounts",
      { name: "a", configMap: { name: "c" } },
      { name: "a", tag: "a", source: { kind: "Folder", path: "/var/run/nestlet/init-data/a" } },
    ],
    [
      "of a Secret likewise",
      { name: "a", secret: { secretName: "s", volumeLabel: "l" } },
      { name: "a", tag: "a", source: { kind: "Folder", path: "/var/run/nestlet/init-data/a" } },
    ],
    [
      "of a config drive has the tag config-2 and the drive's files",
      { name: "a", cloudInitConfigDrive: { userData: "x" } },
      {
        name: "a",
        tag: "config-2",
        source: { kind: "CloudInit", layout: "ConfigDrive", userData: { inline: "x" } },
      },
    ],
    [
      "of Ignition likewise",
      { name: "a", ignition: { inline: "{}" } },
      { name: "a", tag: "config-2", source: { kind: "IgnitionDrive" } },
    ],
  ];
  for (const [title, volume, plan] of cases) {
    it(title, () => {
      assert.deepEqual(filesystemPlansOf(sharing(volume)), [plan]);
    });
  }

  it("of a config drive has the keys for ssh that go this way", () => {
    const secret = { secretName: "keys" };
    const credentials = (way: object): NonNullable<InstanceSpec["accessCredentials"]>[number] => ({
      sshPublicKey: { source: { secret }, propagationMethod: way },
    });
    const spec = {
      ...sharing({ name: "a", cloudInitConfigDrive: { userData: "x" } }),
      accessCredentials: [credentials({ ignition: {} }), credentials({ configDrive: {} })],
    };
    const [plan] = filesystemPlansOf(spec);
    assert.deepEqual(plan?.source.kind === "CloudInit" && plan.source.sshKeys, [
      "/var/run/nestlet/ssh-keys/1",
    ]);
  });

  it("is none where no filesystem is asked for", () => {
    assert.deepEqual(filesystemPlansOf(guestSpec), []);
  });

  for (const volume of [
    { name: "a", cloudInitNoCloud: { userData: "x" } },
    { name: "a", emptyDisk: { capacity: "1Gi" } },
  ]) {
    it(`of ${Object.keys(volume)[1] ?? ""} is refused`, () => {
      assert.throws(
        () => filesystemPlansOf(sharing(volume)),
        /^RangeError: filesystem "a": only configMap, secret, cloudInitConfigDrive and ignition .*; make it a disk$/,
      );
    });
  }

  it("of no volume is refused", () => {
    const spec = { ...sharing({ name: "a", configMap: { name: "c" } }), volumes: [] };
    assert.throws(
      () => filesystemPlansOf(spec),
      /^RangeError: filesystem "a" has no volume; add it to spec\.volumes$/,
    );
  });
});
