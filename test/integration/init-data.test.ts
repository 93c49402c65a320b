import assert from "node:assert/strict";
import { virtualMachineInstances as instances, type Volume } from "../../src/api/resources.ts";
import type { Client } from "../../src/kube/client.ts";
import { configMaps, secrets } from "../../src/kube/object.ts";
import type { LaunchPlan } from "../../src/launch-plan/launch-plan.ts";
import { sharedCluster } from "./harness/cluster.ts";
import { guest, instance, type Watcher } from "./harness/objects.ts";
import { refusal } from "./harness/refusal.ts";
import { withController } from "./harness/stage.ts";
import { noCloud, withKeys, withVolumes } from "./refused/init-data.ts";

describe("init data: the API", () => {
  let client: Client;
  before(async function () {
    this.timeout(120_000);
    ({ client } = await sharedCluster());
  });

  const accepted: readonly (readonly [string, Volume])[] = [
    ["text", noCloud({ userData: "#cloud-config\n", networkData: "version: 2\n" })],
    ["base64 in lines", noCloud({ userDataBase64: "YWJj\nZGVm\n", networkDataBase64: "YQ==" })],
    ["Secrets", noCloud({ secretRef: { name: "s" }, networkDataSecretRef: { name: "s" } })],
    ["a config drive", { name: "init", cloudInitConfigDrive: { userData: '{"ignition":{}}' } }],
    ["no user data", noCloud({ networkData: "version: 2" })],
  ];
  for (const [title, volume] of accepted) {
    it(`takes cloud-init from ${title}`, async () => {
      assert.equal(await refusal(client, "VirtualMachineInstance", withVolumes(volume)), "");
    });
  }

  it("takes keys for ssh on each way, and Ignition on a disk from a ConfigMap", async () => {
    const drive: Volume = { name: "init", cloudInitConfigDrive: { userData: "a" } };
    const ignition: Volume = { name: "init", ignition: { configMapRef: { name: "c" } } };
    for (const spec of [
      withKeys({ noCloud: {} }, noCloud({ userData: "a" })),
      withKeys({ configDrive: {} }, drive),
      withKeys({ ignition: { user: "ops" } }, ignition),
    ]) {
      assert.equal(await refusal(client, "VirtualMachineInstance", spec), "");
    }
  });
});

describe("init data: the controller", () => {
  let client: Client;
  let namespace: string;
  let watcher: Watcher;

  withController((stage) => ({ client, namespace, watcher } = stage));

  const secret = async (name: string, data: Record<string, string>): Promise<unknown> =>
    client.create(secrets, { metadata: { namespace, name }, data });

  it("waits without a pod for each Secret of cloud-init, and goes on by itself", async () => {
    const volume = noCloud({ secretRef: { name: "user" }, networkDataSecretRef: { name: "net" } });
    await client.create(instances, instance(namespace, "a", withVolumes(volume)));
    const told = async (words: RegExp): Promise<unknown> =>
      watcher.instance("a", String(words), ({ message = "" }) => words.test(message));
    await told(/volume init: Secret .*\/user does not exist; the instance starts by itself/);
    await secret("user", { UserData: "YQ==" });
    await told(/Secret .*\/user has no key "userdata" or "userData"/);
    await client.mergePatch(secrets, { namespace, name: "user" }, { data: { userData: "YQ==" } });
    await told(/Secret .*\/net does not exist/);
    assert.deepEqual(await watcher.pods(), []);
    const pending = await watcher.instance("a", "Pending", ({ phase }) => phase === "Pending");
    assert.equal(pending.status?.reason, "SecretNotFound");
    await secret("net", { networkdata: "YQ==" });
    const pod = await watcher.podOf("a");
    const mounted = pod.spec.volumes?.find(({ name }) => name === "init")?.projected?.sources;
    assert.deepEqual(
      mounted?.map((source) => source.secret?.name),
      ["user", "net"],
    );
    const mount = pod.spec.containers[0]?.volumeMounts?.find(({ name }) => name === "init");
    assert.equal(mount?.mountPath, "/var/run/nestlet/init-data/init");
  });

  it("waits for keys for ssh, and merges them into Ignition", async () => {
    const ignition = { name: "init", ignition: { configMapRef: { name: "config" } } };
    const spec = withKeys({ ignition: {} }, ignition);
    await client.create(instances, instance(namespace, "a", spec));
    const told = async (words: RegExp): Promise<unknown> =>
      watcher.instance("a", String(words), ({ message = "" }) => words.test(message));
    await told(/volume init: ConfigMap .*\/config does not exist/);
    await client.create(configMaps, { metadata: { namespace, name: "config" }, data: { userdata: "{}" } });
    await told(/accessCredentials: Secret .*\/keys does not exist/);
    await secret("keys", {});
    await told(/accessCredentials: Secret .*\/keys is empty/);
    await client.mergePatch(secrets, { namespace, name: "keys" }, { data: { me: "YQ==" } });
    const pod = await watcher.podOf("a");
    const plan = JSON.parse(pod.spec.containers[0]?.env?.[0]?.value ?? "") as LaunchPlan;
    const folder = "/var/run/nestlet/ssh-keys/0";
    assert.deepEqual(plan.ignition, {
      path: "/var/run/nestlet/init-data/init/config.ign",
      sshKeys: [{ user: "core", folder }],
    });
    assert.deepEqual(plan.disks.find(({ name }) => name === "init")?.source, { kind: "IgnitionDrive" });
    const mount = pod.spec.containers[0]?.volumeMounts?.find(({ mountPath }) => mountPath === folder);
    const volume = pod.spec.volumes?.find(({ name }) => name === mount?.name);
    assert.equal(volume?.secret?.secretName, "keys");
  });

  it("waits for what filesystems share, and mounts it", async () => {
    const filesystems = ["files", "drive"].map((name) => ({ name, virtio9p: {} }));
    const spec = {
      ...guest,
      domain: { ...guest.domain, devices: { ...guest.domain.devices, filesystems } },
      volumes: [
        ...(guest.volumes ?? []),
        { name: "files", configMap: { name: "app" } },
        { name: "drive", cloudInitConfigDrive: { secretRef: { name: "user" } } },
      ],
    };
    await client.create(instances, instance(namespace, "a", spec));
    const told = async (words: RegExp): Promise<unknown> =>
      watcher.instance("a", String(words), ({ message = "" }) => words.test(message));
    await told(/volume files: ConfigMap .*\/app does not exist; the instance starts by itself/);
    await client.create(configMaps, { metadata: { namespace, name: "app" }, data: { "app.conf": "a" } });
    await told(/volume drive: Secret .*\/user does not exist/);
    await secret("user", { userdata: "YQ==" });
    const pod = await watcher.podOf("a");
    const plan = JSON.parse(pod.spec.containers[0]?.env?.[0]?.value ?? "") as LaunchPlan;
    const folder = "/var/run/nestlet/init-data";
    const paths = [`${folder}/drive/userdata`, `${folder}/drive/userData`];
    assert.deepEqual(plan.filesystems, [
      { name: "files", tag: "files", source: { kind: "Folder", path: `${folder}/files` } },
      {
        name: "drive",
        tag: "config-2",
        source: { kind: "CloudInit", layout: "ConfigDrive", userData: { paths } },
      },
    ]);
    assert.ok(!plan.disks.some(({ name }) => name !== "root"), "they are no disks");
    const mounts = pod.spec.containers[0]?.volumeMounts?.filter(({ mountPath }) =>
      mountPath.startsWith(folder),
    );
    assert.deepEqual(mounts, [
      { name: "files", mountPath: `${folder}/files`, readOnly: true },
      { name: "drive", mountPath: `${folder}/drive`, readOnly: true },
    ]);
  });

  it("hands what the spec says inline to the launcher, on a read-only disk", async () => {
    const volume = noCloud({ userData: "#!/bin/sh\necho $HOME\n", networkDataBase64: "YQ==" });
    await client.create(instances, instance(namespace, "a", withVolumes(volume)));
    const pod = await watcher.podOf("a");
    const plan = JSON.parse(pod.spec.containers[0]?.env?.[0]?.value ?? "") as LaunchPlan;
    const disk = plan.disks.find(({ name }) => name === "init");
    assert.equal(disk?.readOnly, true);
    assert.deepEqual(disk.source, {
      kind: "CloudInit",
      layout: "NoCloud",
      userData: { inline: "#!/bin/sh\necho $HOME\n" },
      networkData: { base64: "YQ==" },
    });
  });
});
