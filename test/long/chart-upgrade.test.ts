import assert from "node:assert/strict";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { binary } from "../../hack/lab/binaries.ts";
import { deployment, release, releaseNamespace } from "../../hack/lab/chart.ts";
import { run } from "../../hack/lib/exec.ts";
import { repoRoot } from "../../hack/lib/paths.ts";
import { deleteNamespace, kubeconfigUnderTest, ownNamespace } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";
import { launcherPodOf, waitForPhase } from "../support/instances.ts";
import { Kubectl } from "../support/kubectl.ts";
import { Nestctl } from "../support/nestctl.ts";
import { instance, machine, type Instance, type Machine, type Pod } from "../support/objects.ts";
import { verb } from "../support/verbs.ts";

const chart = join(repoRoot, "deploy/chart");

describe("the chart in the lab", function () {
  this.timeout(600_000);
  let kubectl: Kubectl;
  let system: Kubectl;
  let folder: string;
  let values: string;
  /** What the guests' pods were before anything was done to the chart. */
  let guests: Map<string, string>;

  const helm = async (...args: readonly string[]): Promise<string> =>
    run(await binary("helm"), [...args, "--namespace", releaseNamespace], {
      env: { KUBECONFIG: kubeconfigUnderTest() },
    });

  const ready = async (): Promise<void> => {
    await system.run(["rollout", "status", deployment, "--timeout=180s"]);
  };

  const controllerPod = async (): Promise<string> => {
    const pods = await system.list<Pod>("pods", "-l", "app.kubernetes.io/component=controller");
    return pods
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map(({ metadata }) => metadata.uid)
      .join();
  };

  const guestPods = async (): Promise<Map<string, string>> => {
    const found = new Map<string, string>();
    for (const name of ["kept", "alone"]) {
      const { metadata, status } = await launcherPodOf(kubectl, name);
      found.set(name, `${metadata.uid} ${status.phase} ${metadata.deletionTimestamp ?? ""}`);
    }
    return found;
  };

  before(async () => {
    kubectl = await ownNamespace("upgrade");
    system = new Kubectl(kubeconfigUnderTest(), releaseNamespace);
    folder = await mkdtemp(join(tmpdir(), "nestlet-chart-"));
    values = join(folder, "values.json");
    await writeFile(values, await helm("get", "values", release, "--output", "json"));
    await kubectl.apply(machine("kept"), instance("alone"));
    for (const name of ["kept", "alone"]) await waitForPhase(kubectl, name, "Running");
    guests = await guestPods();
  });

  after(async () => {
    await helm("upgrade", release, chart, "--install", "--values", values);
    await ready();
    await deleteNamespace(kubectl);
    await rm(folder, { recursive: true });
  });

  it("says what to do next, and passes its own test", async () => {
    const notes = await helm("get", "notes", release);
    assert.match(notes, /kubectl label namespace NAMESPACE pod-security\.kubernetes\.io\/enforce=privileged/);
    assert.match(notes, /`helm uninstall` keeps the CustomResourceDefinitions and so every virtual machine/);
    assert.match(await helm("test", release, "--timeout", "180s"), /Phase:\s+Succeeded/);
  });

  it("keeps the image that was made the default, and sets its own entries back", async () => {
    const nestctl = await Nestctl.build();
    const flags = ["--kubeconfig", kubeconfigUnderTest(), "image"];
    const where = ["--system-namespace", releaseNamespace];
    const defaults = async (): Promise<string[]> => {
      const text = await nestctl.run([...flags, "list", "-o", "json", ...where]);
      const entries = Object.entries(JSON.parse(text) as Record<string, { default?: boolean }>);
      return entries.flatMap(([name, entry]) => (entry.default === true ? [name] : []));
    };
    try {
      const before = await defaults();
      const chosen = ["--image", "r.example/x:1", "--kubernetes", "v1.36.3", "--default"];
      await nestctl.run([...flags, "add", "chosen", ...chosen, ...where]);
      await helm("upgrade", release, chart, "--values", values);
      await ready();
      assert.deepEqual(await defaults(), ["chosen"]);
      await nestctl.run([...flags, "remove", "chosen", ...where]);
      assert.deepEqual(await defaults(), before);
    } finally {
      await nestctl.remove();
    }
  });

  it("of another version replaces the controller and leaves every guest alone", async () => {
    const before = await controllerPod();
    await helm("package", chart, "--version", "0.1.999", "--destination", folder);
    await helm("upgrade", release, join(folder, "nestlet-0.1.999.tgz"), "--values", values);
    await ready();
    await eventually(async () => assert.notEqual(await controllerPod(), before), 60_000);
    assert.deepEqual(await guestPods(), guests);
    await helm("rollback", release);
    await ready();
    assert.deepEqual(await guestPods(), guests);
    const { status } = await kubectl.get<Machine>("vm", "kept");
    assert.equal(status?.printableStatus, "Running");
  });

  it("has pods copy registry disks where it is told that images cannot be mounted", async () => {
    await helm("upgrade", release, chart, "--values", values, "--set", "launcher.copyImages=true");
    await ready();
    assert.deepEqual(await guestPods(), guests);
    await kubectl.apply(instance("copied"));
    await waitForPhase(kubectl, "copied", "Running");
    const { metadata } = await launcherPodOf(kubectl, "copied");
    const { spec } = await kubectl.get<{ spec: object }>("pod", metadata.name);
    assert.doesNotMatch(JSON.stringify(spec), /"image":\{/, "no volume is an image");
    assert.match(
      await verb(kubectl, metadata.name, "dumpxml"),
      /<source file='(\/var)?\/run\/nestlet\/registry-disks\/root\/disk/,
    );
    await kubectl.run(["delete", "vmi", "copied", "--timeout=60s"]);
    await helm("upgrade", release, chart, "--values", values);
    await ready();
    assert.deepEqual(await guestPods(), guests);
  });

  it("lets machines have disks of their node where it is told which folders are for that", async () => {
    const nodeFolder = join(folder, "disks");
    const disk = (name: string, more: object): object =>
      instance(name, {
        spec: {
          domain: { memory: { guest: "64Mi" }, devices: { disks: [{ name: "root" }, { name: "data" }] } },
          networks: [],
          volumes: [
            { name: "root", registryDisk: { image: "nestlet.dev/halt:1" } },
            { name: "data", hostDisk: { path: join(nodeFolder, "data.img"), ...more } },
          ],
        },
      });
    await kubectl.apply(disk("on-node", { type: "DiskOrCreate", capacity: "16Mi" }));
    await eventually(async () => {
      const { status } = await kubectl.get<Instance>("vmi", "on-node");
      assert.equal(status?.reason, "HostDiskForbidden");
    }, 20_000);
    await helm(
      "upgrade",
      release,
      chart,
      "--values",
      values,
      "--set",
      `launcher.hostDiskFolders={${folder}}`,
    );
    await ready();
    await waitForPhase(kubectl, "on-node", "Running", 120_000);
    assert.equal((await stat(join(nodeFolder, "data.img"))).size, 16 * 2 ** 20);
    await kubectl.run(["delete", "vmi", "on-node", "--timeout=60s"]);
    // The node's file is its owner's: it stays, and the next run finds what is in it.
    await kubectl.apply(disk("on-node-again", { type: "Disk" }));
    await waitForPhase(kubectl, "on-node-again", "Running");
    const { metadata } = await launcherPodOf(kubectl, "on-node-again");
    assert.match(await verb(kubectl, metadata.name, "dumpxml"), /host-disks\/data\/data\.img/);
    await kubectl.run(["delete", "vmi", "on-node-again", "--timeout=60s"]);
    await helm("upgrade", release, chart, "--values", values);
    await ready();
  });

  it("leaves machines and their guests when it is uninstalled, and finds them when it is back", async () => {
    const said = await helm("uninstall", release, "--wait");
    assert.match(said, /CustomResourceDefinition/, "it tells what it keeps");
    assert.deepEqual(await guestPods(), guests);
    const names = (await kubectl.list<Machine>("vm")).map(({ metadata }) => metadata.name);
    assert.deepEqual(names, ["kept"]);
    await helm("upgrade", release, chart, "--install", "--values", values);
    await ready();
    assert.deepEqual(await guestPods(), guests);
    await kubectl.apply(machine("later"));
    await waitForPhase(kubectl, "later", "Running");
    await kubectl.run(["delete", "vm", "kept", "--timeout=120s"]);
    assert.deepEqual(await kubectl.list("vmi", "--field-selector", "metadata.name=kept"), []);
  });
});
