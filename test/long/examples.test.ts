import assert from "node:assert/strict";
import { join } from "node:path";
import { repoRoot } from "../../hack/lib/paths.ts";
import { deleteNamespace, ownNamespace } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";
import { answers, ignitionConfig, Login } from "../support/guest.ts";
import { waitForPhase } from "../support/instances.ts";
import type { Kubectl } from "../support/kubectl.ts";
import { condition, type Instance } from "../support/objects.ts";

const BOOT_MS = 300_000;

/** What people apply first, one guest after another. */
describe("the examples of machines", () => {
  let kubectl: Kubectl;
  let login: Login;
  before(async () => {
    kubectl = await ownNamespace("examples");
    login = await Login.create();
    const userdata = `--from-literal=userdata=${ignitionConfig(login.publicKey)}`;
    await kubectl.run(["create", "secret", "generic", "coreos-ignition", userdata]);
    await kubectl.run(["create", "secret", "generic", "ssh-keys", `--from-literal=me=${login.publicKey}`]);
  });
  after(async () => {
    await deleteNamespace(kubectl);
    await login.remove();
  });

  /** Applies an example, shows its machine's guest to the test, and deletes it again. */
  async function withExample(
    file: string,
    name: string,
    test: (address: string) => Promise<void>,
  ): Promise<void> {
    const path = join(repoRoot, "examples", file);
    await kubectl.run(["apply", "-f", path]);
    try {
      const { status } = await waitForPhase(kubectl, name, "Running", 120_000);
      await test(status?.interfaces?.[0]?.ipAddress ?? "");
    } finally {
      await kubectl.run(["delete", "-f", path, "--timeout=180s"]);
    }
  }

  async function becomesReady(name: string): Promise<void> {
    await eventually(async () => {
      const ready = condition(await kubectl.get<Instance>("vmi", name), "Ready");
      assert.equal(ready?.status, "True", `${name}: ${ready?.reason ?? ""} ${ready?.message ?? ""}`);
    }, BOOT_MS);
  }

  const body = async (url: string): Promise<string> => (await fetch(url)).text();

  it("vm.yaml lets in whom its Secret says", async () => {
    await withExample("vm.yaml", "coreos", async (address) => login.wait(address, BOOT_MS));
  });

  it("vm-config-2.yaml has its config on a drive as well", async () => {
    await withExample("vm-config-2.yaml", "config-2", async (address) => {
      await login.wait(address, BOOT_MS);
      const mount = "sudo mount -o ro /dev/disk/by-label/config-2 /mnt";
      const found = await login.run(address, `${mount} && sudo cat /mnt/openstack/latest/user_data`);
      assert.deepEqual(JSON.parse(found), JSON.parse(ignitionConfig(login.publicKey)));
    });
  });

  it("vm-claim.yaml has its data disk, and finds what it wrote in its next run", async () => {
    await withExample("vm-claim.yaml", "db", async (address) => {
      await login.wait(address, BOOT_MS);
      await login.run(
        address,
        "test -b /dev/disk/by-id/virtio-DATA && echo kept | sudo tee /var/marker && sync",
      );
      await kubectl.run(["delete", "vmi", "db", "--timeout=180s"]);
      const next = await eventually(async () => waitForPhase(kubectl, "db", "Running"), 60_000);
      const later = next.status?.interfaces?.[0]?.ipAddress ?? "";
      await login.wait(later, BOOT_MS);
      assert.equal(await login.run(later, "cat /var/marker"), "kept");
    });
  });

  it("vm-ignition.yaml writes its file, runs its unit and lets in the keys of the Secret", async () => {
    await withExample("vm-ignition.yaml", "ignited", async (address) => {
      await login.wait(address, BOOT_MS);
      assert.equal(await login.run(address, "cat /etc/made-by"), "Ignition");
      await eventually(async () => assert.ok(await answers(address, 8080)), 60_000);
    });
  });

  it("vm-cloud-init.yaml runs, with an image that does not heed it as well", async () => {
    await withExample("vm-cloud-init.yaml", "clouded", async () => Promise.resolve());
  });

  it("vm-config-2-9p.yaml runs, with an image that does not heed it as well", async () => {
    await withExample("vm-config-2-9p.yaml", "config-2-9p", async () => Promise.resolve());
  });

  it("vm-masquerade.yaml is reached through its Service", async () => {
    await withExample("vm-masquerade.yaml", "hidden", async () => {
      await becomesReady("hidden");
      const { spec } = await kubectl.get<{ spec: { clusterIP: string } }>("service", "hidden");
      await eventually(async () => assert.equal(await body(`http://${spec.clusterIP}/`), "hidden\n"), 60_000);
    });
  });

  it("vm-probes.yaml is Ready once it answers, and outlives its liveness probe's first tries", async () => {
    await withExample("vm-probes.yaml", "probed", async (address) => {
      const { uid } = (await kubectl.get<Instance>("vmi", "probed")).metadata;
      await becomesReady("probed");
      assert.equal(await body(`http://${address}:8080/healthz`), "ok\n");
      assert.equal((await kubectl.get<Instance>("vmi", "probed")).metadata.uid, uid);
    });
  });
});
