import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { builders } from "../../hack/images/images.ts";
import { run } from "../../hack/lib/exec.ts";
import { repoRoot } from "../../hack/lib/paths.ts";
import { deleteNamespace, ownNamespace } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";
import { Login } from "../support/guest.ts";
import { waitForPhase } from "../support/instances.ts";
import type { Kubectl } from "../support/kubectl.ts";
import { instance, type Instance, type Machine } from "../support/objects.ts";

const BOOT_MS = 300_000;
const image = "nestlet.dev/cloud-lab:1";

/** What cloud-init leaves when all its stages are done. */
interface Result {
  v1: { datasource: string; errors: string[] };
}

/** User data are YAML, and so is JSON. */
const cloudConfig = (config: object): string => `#cloud-config\n${JSON.stringify(config)}\n`;

/** The example as a reader would have it: with an image and a key of their own. */
async function exampleWith(key: string): Promise<string> {
  const text = await readFile(join(repoRoot, "examples/vm-cloud-init.yaml"), "utf8");
  const [theirImage, theirKey] = ["image: nestlet.dev/coreos-lab:1.36", "ssh-ed25519 AAAAREPLACE me"];
  for (const part of [theirImage, theirKey]) assert.ok(text.includes(part), `the example has ${part}`);
  return text.replace(theirImage, `image: ${image}`).replace(theirKey, key);
}

/** A config drive out of a Secret, and a key of its default user out of a ConfigMap. */
function driven(): object {
  const sshPublicKey = {
    source: { configMap: { name: "keys" } },
    propagationMethod: { configDrive: {} },
  };
  const spec = {
    domain: {
      memory: { guest: "1Gi" },
      devices: { disks: [{ name: "root" }, { name: "init" }], interfaces: [{ name: "default", bridge: {} }] },
    },
    volumes: [
      { name: "root", registryDisk: { image } },
      { name: "init", cloudInitConfigDrive: { secretRef: { name: "init" } } },
    ],
    accessCredentials: [{ sshPublicKey }],
  };
  return instance("driven", { spec, grace: 60 });
}

/** Debian's own cloud-init reads what the launcher made, and does it. */
describe("cloud-init in a guest", function () {
  this.timeout(1_800_000);
  let kubectl: Kubectl;
  let login: Login;
  before(async () => {
    const { archive } = await builders.cloudLab(console.log);
    await run(join(repoRoot, "hack/lab.sh"), ["load-image", archive]);
    kubectl = await ownNamespace("cloud-init");
    login = await Login.create();
    const userData = cloudConfig({
      hostname: "named-by-user-data",
      users: [
        "default",
        { name: "ops", groups: "adm", shell: "/bin/bash", ssh_authorized_keys: [login.publicKey] },
      ],
      write_files: [{ path: "/etc/greeting", content: "Grüße\n", permissions: "0600" }],
      runcmd: [["sh", "-c", "echo $(cat /etc/greeting) of $(id -un) >/etc/ran"]],
    });
    await kubectl.run(["create", "configmap", "keys", `--from-literal=me=${login.publicKey}`]);
    await kubectl.run(["create", "secret", "generic", "init", `--from-literal=userdata=${userData}`]);
    await kubectl.run(["apply", "-f", "-"], await exampleWith(login.publicKey));
    await kubectl.apply(driven());
  });
  after(async () => {
    await deleteNamespace(kubectl);
    await login.remove();
  });

  /** The address of a guest that lets its default user in. */
  async function addressOf(name: string): Promise<string> {
    const { status } = await waitForPhase(kubectl, name, "Running", 120_000);
    const address = status?.interfaces?.[0]?.ipAddress ?? "";
    await login.wait(address, BOOT_MS);
    return address;
  }

  /** What cloud-init says once it is done. */
  async function resultOf(address: string): Promise<Result["v1"]> {
    const read = async (): Promise<string> => login.run(address, "sudo cat /run/cloud-init/result.json");
    return (JSON.parse(await eventually(read, BOOT_MS, 1000)) as Result).v1;
  }

  const instanceId = async (address: string): Promise<string> =>
    login.run(address, "sudo cat /var/lib/cloud/data/instance-id");

  it("does what the example says, which it finds on the disk cidata", async () => {
    const address = await addressOf("clouded");
    const { datasource, errors } = await resultOf(address);
    assert.match(datasource, /^DataSourceNoCloud /);
    assert.deepEqual(errors, []);
    assert.equal(await login.run(address, "cat /etc/made-by"), "cloud-init");
    assert.equal(await login.run(address, "cat /etc/hostname; hostname"), "clouded\nclouded");
    const { uid } = (await kubectl.get<Machine>("vm", "clouded")).metadata;
    assert.equal(await instanceId(address), uid);
  });

  it("does what the disk config-2 says, and lets in whom the meta-data name", async () => {
    const address = await addressOf("driven");
    const { datasource, errors } = await resultOf(address);
    assert.match(datasource, /^DataSourceConfigDrive /);
    assert.deepEqual(errors, []);
    assert.equal(await login.run(address, "hostname"), "named-by-user-data");
    assert.equal(
      await login.run(address, "sudo stat -c %a /etc/greeting; cat /etc/ran"),
      "600\nGrüße of root",
    );
    assert.match(await login.run(`ops@${address}`, "id -nG"), /\badm\b/);
    const { uid } = (await kubectl.get<Instance>("vmi", "driven")).metadata;
    assert.equal(await instanceId(address), uid);
  });
});
