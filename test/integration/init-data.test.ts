import assert from "node:assert/strict";
import { virtualMachineInstances as instances, type Volume } from "../../src/api/resources.ts";
import type { Client } from "../../src/kube/client.ts";
import { configMaps, secrets } from "../../src/kube/object.ts";
import type { LaunchPlan } from "../../src/launch-plan/launch-plan.ts";
import { sharedCluster, type Cluster } from "./harness/cluster.ts";
import { startController, type RunningController } from "./harness/controller.ts";
import { guest, instance, Watcher } from "./harness/objects.ts";
import { refusal } from "./harness/refusal.ts";

const root = { name: "root", registryDisk: { image: "nestlet.dev/halt:1" } };

/** A guest with one more volume, and a disk of its name. */
function withVolumes(...volumes: Volume[]): typeof guest {
  const disks = [root, ...volumes].map(({ name }) => ({ name }));
  return { ...guest, domain: { ...guest.domain, devices: { disks } }, volumes: [root, ...volumes] };
}

/** A guest with keys for ssh that go a way. */
const withKeys = (way: object, ...volumes: Volume[]) =>
  ({
    ...withVolumes(...volumes),
    accessCredentials: [
      { sshPublicKey: { source: { secret: { secretName: "keys" } }, propagationMethod: way } },
    ],
  }) as typeof guest;

const noCloud = (cloudInitNoCloud: Volume["cloudInitNoCloud"]): Volume =>
  ({ name: "init", cloudInitNoCloud }) as Volume;

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

  const refused: readonly (readonly [string, typeof guest, string])[] = [
    ["nothing", withVolumes(noCloud({})), "gives the guest nothing; add userData"],
    [
      "user data in two places",
      withVolumes(noCloud({ userData: "a", secretRef: { name: "s" } })),
      "only one of userData, userDataBase64 and secretRef may be given",
    ],
    [
      "network data in two places",
      withVolumes(noCloud({ networkData: "a", networkDataBase64: "YQ==" })),
      "only one of networkData, networkDataBase64 and networkDataSecretRef may be given",
    ],
    [
      "user data that is too long",
      withVolumes(noCloud({ userData: "x".repeat(16385) })),
      `userData has 16385 characters, at most 16384 are possible here; put it into a Secret`,
    ],
    [
      "network data that is too long",
      withVolumes(noCloud({ networkDataBase64: "x".repeat(20000) })),
      "put it into a Secret under the key networkdata and name that as networkDataSecretRef",
    ],
    [
      "what is no base64",
      withVolumes(noCloud({ userDataBase64: "#cloud-config" })),
      "userDataBase64 is not base64; encode it with `base64 -w0`",
    ],
    [
      "keys but no volume for them",
      withKeys({ noCloud: {} }),
      "noCloud needs a cloudInitNoCloud volume; add one",
    ],
    [
      "keys for no drive",
      withKeys({ configDrive: {} }),
      "configDrive needs a cloudInitConfigDrive volume; add",
    ],
    ["keys for no Ignition", withKeys({ ignition: {} }), "ignition needs an ignition volume; add one"],
    [
      "keys that go two ways",
      withKeys({ ignition: {}, noCloud: {} }, noCloud({ userData: "a" })),
      "exactly one of noCloud, configDrive and ignition must be given",
    ],
    ["keys by the guest agent", withKeys({ qemuGuestAgent: {} }), "propagationMethod.qemuGuestAgent"],
    [
      "two volumes",
      withVolumes(noCloud({ userData: "a" }), { name: "more", cloudInitConfigDrive: { userData: "a" } }),
      'volumes: "more" is a second volume for cloud-init, which reads only one; merge the two',
    ],
    [
      "no disk",
      { ...guest, volumes: [root, noCloud({ userData: "a" })] },
      'volumes: volume "init" is used by no disk; add a disk of this name',
    ],
  ];
  for (const [title, spec, says] of refused) {
    it(`refuses cloud-init with ${title}`, async () => {
      const message = await refusal(client, "VirtualMachineInstance", spec);
      assert.ok(message.includes(says), message || "it was accepted");
      assert.ok(message.length < 500, "the message quotes the data");
    });
  }
});

describe("init data: the controller", () => {
  let cluster: Cluster;
  let client: Client;
  let controller: RunningController;
  let namespace: string;
  let watcher: Watcher;

  before(async function () {
    this.timeout(120_000);
    cluster = await sharedCluster();
    client = cluster.client;
    controller = await startController(cluster.server.kubeconfig);
  });
  beforeEach(async () => {
    namespace = await cluster.namespace();
    watcher = new Watcher(client, namespace);
  });
  after(async () => {
    await controller.terminate();
  });

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
