import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gatewayAddress, readSettings } from "../../hack/lab/settings.ts";
import { deleteNamespace, ownNamespace } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";
import { ignitionConfig, Login } from "../support/guest.ts";
import { launcherPodOf, waitForPhase } from "../support/instances.ts";
import type { Kubectl } from "../support/kubectl.ts";
import { instance, instanceSpec, machine, type Instance, type Machine } from "../support/objects.ts";

const BOOT_MS = 180_000;
const image = "nestlet.dev/coreos-lab:1.36";
const userData = "#cloud-config\nruncmd: [echo, $HOME]\n";

/** What the config of a guest refers to. */
const remoteConfig = {
  ignition: { version: "3.3.0" },
  storage: { files: [{ path: "/etc/from-afar", contents: { source: "data:,fetched" } }] },
};

/** A spec with a volume `init` and its disk; with a key, a real guest that lets its owner in. */
function withInit(init: object, publicKey?: string): Record<string, unknown> {
  const real = { image, memory: "1Gi", ignition: { inline: ignitionConfig(publicKey ?? "") } };
  const spec = instanceSpec(publicKey === undefined ? {} : real) as {
    domain: { devices: { disks: object[] } };
    volumes: object[];
  };
  spec.domain.devices.disks.push({ name: "init", disk: { bus: "virtio" } });
  spec.volumes.push({ name: "init", ...init });
  return spec;
}

/** Whoever has a key of the ConfigMap `keys` may log in. */
function keys(way: string): object {
  const sshPublicKey = { source: { configMap: { name: "keys" } }, propagationMethod: { [way]: {} } };
  return { accessCredentials: [{ sshPublicKey }] };
}

/**
 * A real guest whose config lets nobody in: the keys do, merged into it. Its config is on a drive as well, and a part of
 * it is elsewhere.
 */
function ignitionDrive(source: string): Record<string, unknown> {
  const inline = JSON.stringify({ ignition: { version: "3.3.0", config: { merge: [{ source }] } } });
  const spec = instanceSpec({ image, memory: "1Gi" }) as ReturnType<typeof instanceSpec> & {
    domain: { devices: { disks: object[] } };
    volumes: object[];
  };
  spec.domain.devices.disks.push({ name: "init" });
  spec.volumes.push({ name: "init", ignition: { inline } });
  return { ...spec, ...keys("ignition") };
}

/** Text of the disk's image as its launcher made it. */
async function diskText(kubectl: Kubectl, name: string): Promise<string> {
  const { metadata } = await launcherPodOf(kubectl, name);
  return kubectl.run(["exec", metadata.name, "--", "cat", "/dev/shm/nestlet/init.iso"]);
}

describe("init data in the lab", () => {
  let kubectl: Kubectl;
  before(async () => {
    kubectl = await ownNamespace("init-data");
  });
  after(async () => deleteNamespace(kubectl));

  it("has an instance-id that is the same at each run of a machine", async () => {
    const spec = withInit({ cloudInitNoCloud: { userData } });
    await kubectl.apply(machine("again", { spec }));
    const first = await waitForPhase(kubectl, "again", "Running");
    const { uid } = (await kubectl.get<Machine>("vm", "again")).metadata;
    const told = `{"instance-id":"${uid}","local-hostname":"again"}`;
    assert.ok((await diskText(kubectl, "again")).includes(told));
    await kubectl.run(["delete", "vmi", "again", "--timeout=30s"]);
    await eventually(async () => {
      const next = await kubectl.get<Instance>("vmi", "again");
      assert.notEqual(next.metadata.uid, first.metadata.uid);
      assert.equal(next.status?.phase, "Running");
    }, 60_000);
    assert.ok((await diskText(kubectl, "again")).includes(told));
    await kubectl.run(["delete", "vm", "again", "--timeout=30s"]);
  });

  it("from a Secret that is not there is waited for", async () => {
    const spec = withInit({ cloudInitConfigDrive: { secretRef: { name: "later" } } });
    await kubectl.apply(instance("waits", { spec }));
    await eventually(async () => {
      const { status } = await kubectl.get<Instance>("vmi", "waits");
      assert.match(status?.message ?? "", /Secret .*\/later does not exist/);
    }, 20_000);
    await kubectl.run(["create", "secret", "generic", "later", "--from-literal=userData=from a Secret"]);
    await waitForPhase(kubectl, "waits", "Running");
    assert.ok((await diskText(kubectl, "waits")).includes("from a Secret"));
    await kubectl.run(["delete", "vmi", "waits", "--timeout=30s"]);
  });

  describe("in real guests", () => {
    let login: Login;
    let remote: Server;
    let url: string;
    before(async () => {
      login = await Login.create();
      remote = createServer((_, response) => response.end(JSON.stringify(remoteConfig)));
      // The machine's own address on the lab's network, which guests reach.
      const host = gatewayAddress(readSettings());
      await once(remote.listen(0, host), "listening");
      url = `http://${host}:${(remote.address() as AddressInfo).port}/more.ign`;
      await kubectl.run(["create", "secret", "generic", "net", '--from-literal=networkdata={"links":[]}']);
      const noCloud = { cloudInitNoCloud: { userData, networkData: "version: 2\n" } };
      const drive = {
        cloudInitConfigDrive: {
          userDataBase64: Buffer.from(userData).toString("base64"),
          networkDataSecretRef: { name: "net" },
        },
      };
      await kubectl.run(["create", "configmap", "keys", `--from-literal=me=${login.publicKey}`]);
      await kubectl.apply(
        instance("no-cloud", { spec: withInit(noCloud, login.publicKey) }),
        instance("config-drive", { spec: { ...withInit(drive, login.publicKey), ...keys("configDrive") } }),
        instance("ignition-drive", { spec: ignitionDrive(url) }),
      );
    });
    after(async () => {
      await kubectl.run(["delete", "vmi", "no-cloud", "config-drive", "ignition-drive", "--timeout=60s"]);
      await login.remove();
      remote.close();
    });

    /** The files of the disk with a label, as the guest reads them: path → content. */
    async function filesIn(name: string, label: string): Promise<Record<string, string>> {
      const { status } = await waitForPhase(kubectl, name, "Running");
      const address = status?.interfaces?.[0]?.ipAddress ?? "";
      await login.wait(address, BOOT_MS);
      await login.run(address, `sudo mkdir -p /tmp/d && sudo mount -o ro /dev/disk/by-label/${label} /tmp/d`);
      const paths = (await login.run(address, "cd /tmp/d && find . -type f | sort")).split("\n");
      const contents = paths.map(async (path) => [
        path.slice(2),
        Buffer.from(await login.run(address, `base64 -w0 /tmp/d/${path}`), "base64").toString(),
      ]);
      return Object.fromEntries(await Promise.all(contents)) as Record<string, string>;
    }

    it("NoCloud is the disk cidata", async () => {
      const { uid } = (await kubectl.get<Instance>("vmi", "no-cloud")).metadata;
      assert.deepEqual(await filesIn("no-cloud", "cidata"), {
        "meta-data": `{"instance-id":"${uid}","local-hostname":"no-cloud"}\n`,
        "network-config": "version: 2\n",
        "user-data": userData,
      });
    });

    it("ConfigDrive is the disk config-2", async () => {
      const files = await filesIn("config-drive", "config-2");
      const { uid } = (await kubectl.get<Instance>("vmi", "config-drive")).metadata;
      const { "openstack/latest/meta_data.json": metaData = "", ...others } = files;
      const { uuid, public_keys } = JSON.parse(metaData) as { uuid: string; public_keys: object };
      assert.equal(uuid, uid);
      assert.deepEqual(public_keys, { 0: login.publicKey });
      assert.deepEqual(others, {
        "openstack/latest/network_data.json": '{"links":[]}',
        "openstack/latest/user_data": userData,
      });
    });

    it("Ignition lets in whom a ConfigMap says, and is on the disk config-2 if it has one", async () => {
      const files = await filesIn("ignition-drive", "config-2");
      assert.deepEqual(JSON.parse(files["openstack/latest/user_data"] ?? ""), {
        ignition: { version: "3.3.0", config: { merge: [{ source: url }] } },
        passwd: { users: [{ name: "core", sshAuthorizedKeys: [login.publicKey] }] },
      });
    });

    it("Ignition fetches what its config refers to", async () => {
      const { status } = await waitForPhase(kubectl, "ignition-drive", "Running");
      const address = status?.interfaces?.[0]?.ipAddress ?? "";
      await login.wait(address, BOOT_MS);
      assert.equal(await login.run(address, "cat /etc/from-afar"), "fetched");
    });
  });
});
