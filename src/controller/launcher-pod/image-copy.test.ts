import assert from "node:assert/strict";
import { guestSpec, storedInstance } from "../../../test/support/stored.ts";
import type { PodSpec } from "../../kube/object.ts";
import { launcherPodOf } from "./pod.ts";

const launcher = { image: "nestlet.dev/launcher:test", imageVolumes: false };

describe("a launcher pod where images cannot be mounted", () => {
  const kernelBoot = { container: { image: "k", kernelPath: "/boot/vmlinuz", initrdPath: "/boot/initrd" } };
  const domain = {
    ...guestSpec.domain,
    firmware: { kernelBoot },
    devices: { disks: [{ name: "root" }, { name: "tools" }] },
  };
  const volumes = [
    { name: "root", registryDisk: { image: "a", imagePullPolicy: "Always" as const } },
    { name: "tools", containerDisk: { image: "b", path: "/x/a b.img" } },
  ];
  const mounted = launcherPodOf(
    storedInstance({ domain, volumes }),
    { ...launcher, imageVolumes: true },
    new Map(),
  );
  const { spec } = launcherPodOf(storedInstance({ domain, volumes }), launcher, new Map());
  const argumentsOf = (index: number): string[] | undefined =>
    spec.initContainers?.[index]?.command?.slice(5);

  it("is the same to the launcher: mounts and plan", () => {
    assert.deepEqual(spec.containers, mounted.spec.containers);
    assert.equal(mounted.spec.initContainers, undefined);
  });

  it("has folders in place of the images, and copies of what the plan names in them", () => {
    assert.deepEqual(spec.volumes, [
      { name: "ephemeral", emptyDir: {} },
      { name: "root", emptyDir: {} },
      { name: "tools", emptyDir: {} },
      { name: "kernel", emptyDir: {} },
      { name: "tools-0", emptyDir: {} },
    ]);
    assert.deepEqual(
      spec.initContainers?.map(({ name, image, imagePullPolicy }) => [name, image, imagePullPolicy]),
      [
        ["copy-tools", "nestlet.dev/launcher:test", "IfNotPresent"],
        ["copy-0", "a", "Always"],
        ["copy-1", "b", undefined],
        ["copy-2", "k", undefined],
      ],
    );
    assert.deepEqual(argumentsOf(1), ["/disk", "/nestlet-copy/"]);
    assert.deepEqual(argumentsOf(2), ["/x/a b.img", "/nestlet-copy/x"]);
    assert.deepEqual(argumentsOf(3), [
      ...["/boot/vmlinuz", "/nestlet-copy/boot"],
      ...["/boot/initrd", "/nestlet-copy/boot"],
    ]);
  });

  it("gives the copying containers no privileges", () => {
    for (const { securityContext } of spec.initContainers ?? []) {
      assert.equal(securityContext?.privileged, undefined);
      assert.deepEqual(securityContext?.capabilities?.drop, ["ALL"]);
    }
  });

  it("copies nothing where there is no image", () => {
    const empty = { volumes: [{ name: "root", emptyDisk: { capacity: "1Gi" } }] };
    const pod: PodSpec = launcherPodOf(storedInstance(empty), launcher, new Map()).spec;
    assert.equal(pod.initContainers, undefined);
  });
});
