import assert from "node:assert/strict";
import { guestSpec, storedInstance } from "../../../test/support/stored.ts";
import type { Domain, VirtualMachineInstance } from "../../api/resources.ts";
import type { Draft, Pod } from "../../kube/object.ts";
import { LAUNCH_PLAN_ENV, type LaunchPlan } from "../../launch-plan/launch-plan.ts";
import type { Claims } from "./claims.ts";
import { launcherPodOf as podOf, type LauncherOptions } from "./pod.ts";

const MiB = 2 ** 20;
function launcherPodOf(
  instance: VirtualMachineInstance,
  launcher: LauncherOptions,
  claims: Claims = new Map(),
): Draft<Pod> {
  return podOf(instance, launcher, claims);
}

const options = { image: "nestlet.dev/launcher:test" };

describe("a launcher pod", () => {
  it("is one privileged container with the plan in its environment", () => {
    const { metadata, spec } = launcherPodOf(storedInstance(), options);
    assert.match(metadata.name, /^virt-launcher-a-[0-9a-f]{10}$/);
    assert.equal(metadata.ownerReferences?.[0]?.controller, true);
    assert.equal(spec.restartPolicy, "Never");
    assert.equal(spec.terminationGracePeriodSeconds, 45);
    assert.equal(spec.hostNetwork, undefined);
    const [compute, ...others] = spec.containers;
    assert.deepEqual(others, []);
    assert.equal(compute?.name, "compute");
    assert.equal(compute.image, options.image);
    assert.deepEqual(compute.securityContext, { privileged: true, runAsUser: 0 });
    assert.deepEqual(spec.volumes, [
      { name: "ephemeral", emptyDir: {} },
      { name: "root", image: { reference: "nestlet.dev/halt:1" } },
    ]);
    assert.deepEqual(compute.volumeMounts, [
      { name: "ephemeral", mountPath: "/var/run/nestlet/ephemeral" },
      { name: "root", mountPath: "/var/run/nestlet/registry-disks/root", readOnly: true },
    ]);
  });

  it("carries a plan that the kubelet does not expand", () => {
    const inline = '{"a": "$(POD_NAME) $$ $HOME"}';
    const volumes = [...(guestSpec.volumes ?? []), { name: "init", ignition: { inline } }];
    const [compute] = launcherPodOf(storedInstance({ volumes }), options).spec.containers;
    const [variable] = compute?.env ?? [];
    assert.equal(variable?.name, LAUNCH_PLAN_ENV);
    assert.doesNotMatch(variable.value ?? "$", /\$/);
    assert.deepEqual((JSON.parse(variable.value ?? "") as LaunchPlan).ignition, { inline });
  });

  it("refuses to carry more than a variable can hold", () => {
    const volumes = [
      ...(guestSpec.volumes ?? []),
      { name: "init", ignition: { inline: "\u0001".repeat(32768) } },
    ];
    assert.throws(
      () => launcherPodOf(storedInstance({ volumes }), options),
      /^RangeError: spec\.volumes: .* makes a launch plan of \d+ bytes, at most 131051 are possible; put the largest/,
    );
  });

  const resources: { title: string; given: Domain["resources"]; cores?: number; pod: object }[] = [
    {
      title: "guest memory with overhead, and a tenth of a CPU a virtual CPU",
      given: undefined,
      cores: 4,
      pod: { requests: { cpu: "400m", memory: String((64 + 193) * MiB) } },
    },
    {
      title: "what was requested, with overhead",
      given: { requests: { cpu: 1, memory: "32Mi" } },
      pod: { requests: { cpu: "1", memory: String((32 + 169) * MiB) } },
    },
    {
      title: "a limit, with overhead and room for an emulator, and no CPU request above it",
      given: { limits: { cpu: "50m", memory: "128Mi" } },
      pod: {
        requests: { cpu: "50m", memory: String((64 + 169 + 64) * MiB) },
        limits: { cpu: "50m", memory: String((128 + 169 + 64) * MiB) },
      },
    },
  ];
  for (const { title, given, cores = 1, pod } of resources) {
    it(`asks for ${title}`, () => {
      const domain: Domain = {
        ...guestSpec.domain,
        cpu: { sockets: 1, cores, threads: 1 },
        ...(given === undefined ? {} : { resources: given }),
      };
      const [compute] = launcherPodOf(storedInstance({ domain }), options).spec.containers;
      assert.deepEqual(compute?.resources, pod);
    });
  }

  it("mounts an Ignition Secret's key for its owner's eyes", () => {
    const volumes = [
      ...(guestSpec.volumes ?? []),
      { name: "init", ignition: { secretRef: { name: "s", key: "k" } } },
    ];
    const { spec } = launcherPodOf(storedInstance({ volumes }), options);
    assert.deepEqual(spec.volumes?.at(-1), {
      name: "init",
      secret: { secretName: "s", items: [{ key: "k", path: "config.ign" }], defaultMode: 0o400 },
    });
    assert.deepEqual(spec.containers[0]?.volumeMounts?.at(-1), {
      name: "init",
      mountPath: "/var/run/nestlet/init-data/init",
      readOnly: true,
    });
  });

  it("names each pull secret once and passes the pull policy on", () => {
    const disk = { image: "private", imagePullSecret: "key", imagePullPolicy: "Always" as const };
    const volumes = [
      { name: "root", registryDisk: disk },
      { name: "data", containerDisk: disk },
    ];
    const devices = { disks: [{ name: "root" }, { name: "data" }] };
    const domain = { ...guestSpec.domain, devices };
    const { spec } = launcherPodOf(storedInstance({ volumes, domain }), options);
    assert.deepEqual(spec.imagePullSecrets, [{ name: "key" }]);
    assert.deepEqual(spec.volumes?.[1]?.image, { reference: "private", pullPolicy: "Always" });
  });

  it("mounts a claim's file system, and gives a Block claim's device", () => {
    const volumes = [
      { name: "root", persistentVolumeClaim: { claimName: "a" } },
      { name: "data", persistentVolumeClaim: { claimName: "b", readOnly: true } },
      { name: "raw", persistentVolumeClaim: { claimName: "c" } },
    ];
    const devices = { disks: [{ name: "root" }, { name: "data" }, { name: "raw" }] };
    const claims: Claims = new Map([
      ["a", { volumeMode: "Filesystem", capacityBytes: MiB }],
      ["b", { volumeMode: "Filesystem", capacityBytes: MiB }],
      ["c", { volumeMode: "Block", capacityBytes: MiB }],
    ]);
    const domain = { ...guestSpec.domain, devices };
    const { spec } = launcherPodOf(storedInstance({ volumes, domain }), options, claims);
    assert.deepEqual(spec.volumes, [
      { name: "ephemeral", emptyDir: {} },
      { name: "root", persistentVolumeClaim: { claimName: "a" } },
      { name: "data", persistentVolumeClaim: { claimName: "b", readOnly: true } },
      { name: "raw", persistentVolumeClaim: { claimName: "c" } },
    ]);
    const [compute] = spec.containers;
    assert.deepEqual(compute?.volumeMounts, [
      { name: "ephemeral", mountPath: "/var/run/nestlet/ephemeral" },
      { name: "root", mountPath: "/var/run/nestlet/claims/root" },
      { name: "data", mountPath: "/var/run/nestlet/claims/data", readOnly: true },
    ]);
    assert.deepEqual(compute.volumeDevices, [{ name: "raw", devicePath: "/dev/nestlet/raw" }]);
  });

  it("mounts what the rarer disks are made of, a claim that is only read as such", () => {
    const volumes = [
      { name: "copy", ephemeral: { persistentVolumeClaim: { claimName: "base" } } },
      { name: "local", hostDisk: { path: "/srv/disks/a.img", type: "Disk" as const } },
      { name: "app", configMap: { name: "app", optional: true } },
      { name: "key", secret: { secretName: "key" } },
    ];
    const claims: Claims = new Map([["base", { volumeMode: "Filesystem", capacityBytes: MiB }]]);
    const domain = { ...guestSpec.domain, devices: { disks: volumes.map(({ name }) => ({ name })) } };
    const { spec } = launcherPodOf(storedInstance({ volumes, domain }), options, claims);
    assert.deepEqual(spec.volumes?.slice(1), [
      { name: "copy", persistentVolumeClaim: { claimName: "base", readOnly: true } },
      { name: "local", hostPath: { path: "/srv/disks", type: "DirectoryOrCreate" } },
      { name: "app", configMap: { name: "app", optional: true, defaultMode: 0o444 } },
      { name: "key", secret: { secretName: "key", defaultMode: 0o444 } },
    ]);
    assert.deepEqual(spec.containers[0]?.volumeMounts?.slice(1), [
      { name: "copy", mountPath: "/var/run/nestlet/claims/copy", readOnly: true },
      { name: "local", mountPath: "/var/run/nestlet/host-disks/local" },
      { name: "app", mountPath: "/var/run/nestlet/init-data/app", readOnly: true },
      { name: "key", mountPath: "/var/run/nestlet/init-data/key", readOnly: true },
    ]);
  });

  it("mounts the image with a kernel, and asks for huge pages in place of memory", () => {
    const container = {
      image: "k",
      kernelPath: "/vmlinuz",
      imagePullPolicy: "Never" as const,
      imagePullSecret: "s",
    };
    const domain = {
      ...guestSpec.domain,
      memory: { guest: "64Mi", hugepages: { pageSize: "2Mi" as const } },
      firmware: { kernelBoot: { container } },
    };
    const { spec } = launcherPodOf(storedInstance({ domain }), options);
    assert.deepEqual(spec.volumes?.slice(2), [
      { name: "kernel", image: { reference: "k", pullPolicy: "Never" } },
      { name: "hugepages", emptyDir: { medium: "HugePages" } },
    ]);
    const [compute] = spec.containers;
    assert.deepEqual(compute?.volumeMounts?.slice(2), [
      { name: "kernel", mountPath: "/var/run/nestlet/kernel-boot", readOnly: true },
      { name: "hugepages", mountPath: "/dev/hugepages" },
    ]);
    const pages = { "hugepages-2Mi": String(64 * MiB) };
    assert.deepEqual(compute.resources, {
      requests: { cpu: "100m", memory: String(169 * MiB), ...pages },
      limits: pages,
    });
    assert.deepEqual(spec.imagePullSecrets, [{ name: "s" }]);
  });

  it("mounts a registry disk read-only, and the claim of its overlay", () => {
    const volumes = [{ name: "root", registryDisk: { image: "i", overlay: { claimName: "kept" } } }];
    const claims: Claims = new Map([["kept", { volumeMode: "Filesystem", capacityBytes: MiB }]]);
    const { spec } = launcherPodOf(storedInstance({ volumes }), options, claims);
    assert.deepEqual(spec.volumes, [
      { name: "ephemeral", emptyDir: {} },
      { name: "root", image: { reference: "i" } },
      { name: "overlay-0", persistentVolumeClaim: { claimName: "kept" } },
    ]);
    const [compute] = spec.containers;
    assert.deepEqual(compute?.volumeMounts?.slice(1), [
      { name: "root", mountPath: "/var/run/nestlet/registry-disks/root", readOnly: true },
      { name: "overlay-0", mountPath: "/var/run/nestlet/claims/root" },
    ]);
    const plan = JSON.parse(compute.env?.[0]?.value ?? "") as LaunchPlan;
    const [disk] = plan.disks;
    assert.ok(disk?.source.kind === "RegistryDisk");
    assert.deepEqual(disk.source.overlay, { claimName: "kept", path: "/var/run/nestlet/claims/root" });
  });

  it("keeps its own volume apart from one that the user calls the same", () => {
    const volumes = [{ name: "ephemeral", emptyDisk: { capacity: "1Gi" } }];
    const domain = { ...guestSpec.domain, devices: { disks: [{ name: "ephemeral" }] } };
    const { spec } = launcherPodOf(storedInstance({ volumes, domain }), options);
    assert.deepEqual(spec.volumes, [{ name: "ephemeral-0", emptyDir: {} }]);
  });

  it("has the user's labels and annotations, without what kubectl keeps for itself", () => {
    const labels = { app: "shop" };
    const annotations = { note: "1", "kubectl.kubernetes.io/last-applied-configuration": "{}" };
    const { metadata } = launcherPodOf(storedInstance({}, undefined, { labels, annotations }), options);
    assert.deepEqual(metadata.labels, { app: "shop", "nestlet.dev/virtual-machine-instance": "a" });
    assert.deepEqual(metadata.annotations, { note: "1" });
  });
});
