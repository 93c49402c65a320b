import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa, type Result } from "execa";
import { AWAIT_SCRIPT } from "../../../src/guest-config/await-master.ts";
import type { IgnitionConfig } from "../../../src/guest-config/ignition.ts";
import { memberIgnition } from "../../../src/guest-config/member-ignition.ts";
import { cluster, worker } from "../../support/member-facts.ts";
import { removeScratch, scratchFolder } from "../harness/children.ts";
import { sharedGuest, type GuestControlPlane } from "../harness/guest.ts";

const [tokenId = "", tokenSecret = ""] = worker.bootstrapToken.split(".");
const role = "/apis/rbac.authorization.k8s.io/v1/clusterroles";
const binding = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";
const rights = "test-get-nodes";

/** The script that a worker runs before kubeadm, against a real API server in the place of the master's. */
describe("a worker that boots beside its master", () => {
  let guest: GuestControlPlane;
  let folder: string;

  before(async function () {
    this.timeout(120_000);
    guest = await sharedGuest();
    folder = await scratchFolder("await");
  });

  after(async () => {
    await guest.clear();
    for (const kind of [role, binding])
      await guest.client.call("DELETE", `${kind}/${rights}`).catch(() => {});
    removeScratch(folder);
  });

  /** Ends when the worker would go on. */
  const run = async (secondsBetween: string, address = guest.address): Promise<Result> => {
    const caCertificate = Buffer.from(guest.authority["tls.crt"] ?? "", "base64").toString();
    const config = JSON.parse(memberIgnition({ ...cluster, caCertificate }, worker)) as IgnitionConfig;
    for (const { path, contents } of config.storage.files) {
      if (!path.startsWith("/etc/nestlet/")) continue;
      const text = Buffer.from(contents.source.split(",")[1] ?? "", "base64").toString();
      const placed = text
        .replaceAll("/etc/nestlet/", `${folder}/`)
        .replace("https://kubeapi:6443/api", `https://${address}:6443/api`)
        .replace("sleep 5", `sleep ${secondsBetween}`);
      const name = path.slice("/etc/nestlet/".length);
      if (!name.includes("/")) await writeFile(join(folder, name), placed);
    }
    return execa("/bin/sh", [join(folder, AWAIT_SCRIPT.slice("/etc/nestlet/".length))], { timeout: 100_000 });
  };

  it("goes on to kubeadm when its token is there and may ask for Nodes, not before", async function () {
    this.timeout(120_000);
    let hasEnded = false;
    const running = run("1").finally(() => (hasEnded = true));
    await sleep(4000);
    assert.equal(hasEnded, false, "the token is not there yet");

    await guest.client.call("POST", "/api/v1/namespaces/kube-system/secrets", {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: `bootstrap-token-${tokenId}` },
      type: "bootstrap.kubernetes.io/token",
      stringData: {
        "token-id": tokenId,
        "token-secret": tokenSecret,
        "usage-bootstrap-authentication": "true",
      },
    });
    await sleep(4000);
    assert.equal(hasEnded, false, "the token has no rights yet");

    const metadata = { name: rights };
    const apiGroup = "rbac.authorization.k8s.io";
    await guest.client.call("POST", role, {
      apiVersion: `${apiGroup}/v1`,
      kind: "ClusterRole",
      metadata,
      rules: [{ apiGroups: [""], resources: ["nodes"], verbs: ["get"] }],
    });
    await guest.client.call("POST", binding, {
      apiVersion: `${apiGroup}/v1`,
      kind: "ClusterRoleBinding",
      metadata,
      roleRef: { apiGroup, kind: "ClusterRole", name: rights },
      subjects: [{ apiGroup, kind: "Group", name: "system:bootstrappers" }],
    });
    assert.equal((await running).exitCode, 0);
  });

  it("leaves it to kubeadm to say that its token has expired, or that nobody answers", async function () {
    this.timeout(120_000);
    await guest.clear();
    assert.equal((await run("0")).exitCode, 0);
    assert.equal((await run("0", "127.0.0.1")).exitCode, 0);
  });
});
