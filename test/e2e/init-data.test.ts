import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gatewayAddress, readSettings } from "../../hack/lab/settings.ts";
import { deleteNamespace, ownNamespace } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";
import { Login } from "../support/guest.ts";
import { launcherPodOf, waitForPhase } from "../support/instances.ts";
import { kernelGuest, loadKernelLab, scriptRunOf } from "../support/kernel-guest.ts";
import type { Kubectl } from "../support/kubectl.ts";
import {
  addressOf,
  instance,
  instanceSpec,
  machine,
  type Instance,
  type Machine,
} from "../support/objects.ts";

const BOOT_MS = 180_000;
const image = "nestlet.dev/coreos-lab:1.36";
const userData = "#cloud-config\nruncmd: [echo, $HOME]\n";

/** What the config of a guest refers to. */
const remoteConfig = {
  ignition: { version: "3.3.0" },
  storage: { files: [{ path: "/etc/from-afar", contents: { source: "data:,fetched" } }] },
};

/** A spec with a volume `init` and its disk. */
function withInit(init: object): Record<string, unknown> {
  const spec = instanceSpec() as { domain: { devices: { disks: object[] } }; volumes: object[] };
  spec.domain.devices.disks.push({ name: "init", disk: { bus: "virtio" } });
  spec.volumes.push({ name: "init", ...init });
  return spec;
}

/** A guest that looks for the disk with a label, and prints its files, a line each: path and content in base64. */
function diskReader(name: string, label: string, init: object): { spec: object } {
  const script = [
    `mount -t iso9660 -o ro $(findfs LABEL=${label}) /mnt && cd /mnt || exit 1`,
    'find . -type f | cut -c 3- | sort | while read -r file; do echo "$file $(base64 -w 0 "$file")"; done',
  ].join("\n");
  const devices = { autoattachPodInterface: false, disks: [{ name: "init" }] };
  return kernelGuest(name, script, { devices, volumes: [{ name: "init", ...init }] });
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
      await loadKernelLab();
      const noCloud = diskReader("no-cloud", "cidata", {
        cloudInitNoCloud: { userData, networkData: "version: 2\n" },
      });
      const drive = diskReader("config-drive", "config-2", {
        cloudInitConfigDrive: {
          userDataBase64: Buffer.from(userData).toString("base64"),
          networkDataSecretRef: { name: "net" },
        },
      });
      await kubectl.run(["create", "configmap", "keys", `--from-literal=me=${login.publicKey}`]);
      await kubectl.apply(
        noCloud,
        { ...drive, spec: { ...drive.spec, ...keys("configDrive") } },
        instance("ignition-drive", { spec: ignitionDrive(url) }),
      );
    });
    after(async () => {
      await kubectl.run(["delete", "vmi", "no-cloud", "config-drive", "ignition-drive", "--timeout=60s"]);
      await login.remove();
      remote.close();
    });

    /** The files that a guest has found on its disk: path → content. */
    async function filesOf(name: string): Promise<Record<string, string>> {
      const { output, exitCode } = await scriptRunOf(kubectl, name);
      assert.equal(exitCode, 0, output);
      const files = output.split("\n").map((line) => line.split(" "));
      return Object.fromEntries(
        files.map(([path = "", content = ""]) => [path, Buffer.from(content, "base64").toString()]),
      );
    }

    const inIgnitionGuest = async (command: string): Promise<string> => {
      const address = addressOf(await waitForPhase(kubectl, "ignition-drive", "Running"));
      await login.wait(address, BOOT_MS);
      return login.run(address, command);
    };

    it("NoCloud is the disk cidata", async () => {
      const { uid } = (await kubectl.get<Instance>("vmi", "no-cloud")).metadata;
      assert.deepEqual(await filesOf("no-cloud"), {
        "meta-data": `{"instance-id":"${uid}","local-hostname":"no-cloud"}\n`,
        "network-config": "version: 2\n",
        "user-data": userData,
      });
    });

    it("ConfigDrive is the disk config-2", async () => {
      const files = await filesOf("config-drive");
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
      const mount = "sudo mount -o ro /dev/disk/by-label/config-2 /mnt";
      const config = await inIgnitionGuest(`${mount} && cat /mnt/openstack/latest/user_data`);
      assert.deepEqual(JSON.parse(config), {
        ignition: { version: "3.3.0", config: { merge: [{ source: url }] } },
        passwd: { users: [{ name: "core", sshAuthorizedKeys: [login.publicKey] }] },
      });
    });

    it("Ignition fetches what its config refers to", async () => {
      assert.equal(await inIgnitionGuest("cat /etc/from-afar"), "fetched");
    });
  });
});
