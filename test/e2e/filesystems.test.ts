import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { deleteNamespace, ownNamespace } from "../support/cluster.ts";
import {
  kernelGuest,
  loadKernelLab,
  runInKernel,
  scriptRunOf,
  type KernelGuest,
} from "../support/kernel-guest.ts";
import type { Kubectl } from "../support/kubectl.ts";
import type { ScriptRun } from "../support/script-run.ts";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE0 me@example";
const userData = "#cloud-config\nhostname: node-01\n";
const OPTIONS = "trans=virtio,version=9p2000.L";

const configMap = (name: string, data: Record<string, string>): object => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name },
  data,
});

const secret = (name: string, stringData: Record<string, string>): object => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name },
  stringData,
});

/** A guest without disks and network that shares volumes. */
function sharing(...volumes: ({ name: string } & Record<string, unknown>)[]): KernelGuest {
  const filesystems = volumes.map(({ name }) => ({ name, virtio9p: {} }));
  return { devices: { autoattachPodInterface: false, filesystems }, volumes };
}

/** Shell that mounts a tag and prints each of its files but those of the kubelet's own: `== path`, then text. */
function show(tag: string): string {
  return [
    `mkdir /tmp/${tag} && mount -t 9p -o ro,${OPTIONS} ${tag} /tmp/${tag} && cd /tmp/${tag} || exit 1`,
    `find -L . -type f | grep -v '^[.]/[.][.]' | sort | while read -r file; do`,
    `  echo "== $file"; cat "$file"; echo`,
    "done",
  ].join("\n");
}

/** What `show` printed: path → text. */
function filesIn(output: string): Record<string, string> {
  const files = output.split(/^== /m).slice(1);
  return Object.fromEntries(
    files.map((text) => {
      const [path = "", ...lines] = text.trimEnd().split("\n");
      return [path, lines.join("\n")];
    }),
  );
}

describe("filesystems in a real guest", () => {
  let kubectl: Kubectl;
  before(async () => {
    await loadKernelLab();
    kubectl = await ownNamespace("filesystems");
    await kubectl.apply(
      configMap("app", { "app.conf": "colour = blue" }),
      configMap("keys", { me: KEY }),
      secret("token", { token: "s3cret" }),
      secret("user", { userData }),
    );
  });
  after(async () => deleteNamespace(kubectl));

  it("config-2 has the files of a config drive, with keys for ssh", async () => {
    const drive = {
      name: "drive",
      cloudInitConfigDrive: { secretRef: { name: "user" }, networkData: '{"links":[]}' },
    };
    const source = { configMap: { name: "keys" } };
    const accessCredentials = [{ sshPublicKey: { source, propagationMethod: { configDrive: {} } } }];
    const guest = kernelGuest("drive", show("config-2"), sharing(drive));
    await kubectl.apply({ ...guest, spec: { ...guest.spec, accessCredentials } });
    const { output, exitCode } = await scriptRunOf(kubectl, "drive");
    assert.equal(exitCode, 0, output);
    const { "./openstack/latest/meta_data.json": metaData = "", ...others } = filesIn(output);
    assert.deepEqual(others, {
      "./openstack/latest/network_data.json": '{"links":[]}',
      "./openstack/latest/user_data": userData.trimEnd(),
    });
    const { name, uuid, public_keys } = JSON.parse(metaData) as Record<string, unknown>;
    const { metadata } = await kubectl.get<{ metadata: { uid: string } }>("vmi", "drive");
    assert.deepEqual(
      { name, uuid, public_keys },
      { name: "drive", uuid: metadata.uid, public_keys: { 0: KEY } },
    );
  });

  it("Ignition, a ConfigMap and a Secret stand side by side, by their tags", async () => {
    const inline = '{"ignition":{"version":"2.2.0"}}';
    const guest = sharing(
      { name: "ignition", ignition: { inline } },
      { name: "app", configMap: { name: "app" } },
      { name: "token", secret: { secretName: "token" } },
      { name: "nothing", configMap: { name: "nowhere", optional: true } },
    );
    const script = ["config-2", "app", "token", "nothing"].map(show).join("\n");
    const files = filesIn(await runInKernel(kubectl, "tags", script, guest));
    assert.equal(files["./openstack/latest/user_data"], inline);
    assert.equal(files["./app.conf"], "colour = blue");
    assert.equal(files["./token"], "s3cret");
  });

  it("lets all users of the guest read a ConfigMap, only root a config drive, and nobody write", async () => {
    const guest = sharing(
      { name: "app", configMap: { name: "app" } },
      { name: "drive", cloudInitConfigDrive: { userData } },
    );
    const script = `
      mkdir app drive
      mount -t 9p -o ${OPTIONS} app app && mount -t 9p -o ${OPTIONS} config-2 drive || exit 1
      stat -L -c '%n %a %u' app/app.conf drive drive/openstack/latest/user_data
      for file in app/app.conf app/new drive/openstack/latest/user_data drive/new; do
        (echo x >$file) 2>/dev/null && echo "$file was written"
      done
      rm -f app/app.conf drive/openstack/latest/user_data 2>/dev/null
      cat app/app.conf; echo; cat drive/openstack/latest/user_data`;
    assert.equal(
      await runInKernel(kubectl, "modes", script, guest),
      [
        "app/app.conf 444 0",
        "drive 700 0",
        "drive/openstack/latest/user_data 600 0",
        "colour = blue",
        userData.trimEnd(),
      ].join("\n"),
    );
  });

  it("a ConfigMap that changes does so in the guest, while it runs", async () => {
    const guest = sharing({ name: "moving", configMap: { name: "moving" } });
    const script = `
      mkdir moving && mount -t 9p -o ro,${OPTIONS} moving moving || exit 1
      first=$(cat moving/number)
      tries=100
      while [ "$(cat moving/number)" = "$first" ] && [ $tries -gt 0 ]; do sleep 1; tries=$((tries - 1)); done
      echo "$first"; cat moving/number`;
    await kubectl.apply(configMap("moving", { number: "0" }), kernelGuest("moving", script, guest));
    const end = scriptRunOf(kubectl, "moving");
    let run: ScriptRun | undefined;
    for (let number = 1; run === undefined; number++) {
      run = await Promise.race([end, delay(2_000, undefined)]);
      await kubectl.apply(configMap("moving", { number: String(number) }));
      // The kubelet looks at the files of a pod each minute or so, and when the pod changes; at first there is none.
      await kubectl.try(["annotate", "pods", "--all", "--overwrite", `example.com/number=${String(number)}`]);
    }
    const [first, last] = run.output.split("\n");
    assert.ok(Number(first) < Number(last), run.output);
  });
});
