import assert from "node:assert/strict";
import { deleteNamespace, ownNamespace } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";
import type { Kubectl } from "../support/kubectl.ts";
import { eventsOf } from "../support/instances.ts";
import { condition, type Condition } from "../support/objects.ts";

interface Cluster {
  status?: { nextStep?: string; conditions?: Condition[] };
}

const BOOT_MS = 240_000;

/** A kubeadm configuration that kubeadm refuses, in place of the cluster's own. */
const wrong = {
  ignition: { version: "3.3.0" },
  storage: {
    files: [
      {
        path: "/etc/nestlet/kubeadm.yaml",
        mode: 0o600,
        overwrite: true,
        contents: { source: "data:,apiVersion:%20kubeadm.k8s.io/v0%0Akind:%20InitConfiguration%0A" },
      },
    ],
  },
};

describe("a cluster whose kubeadm fails", () => {
  let kubectl: Kubectl;
  before(async () => {
    kubectl = await ownNamespace("bootstrap");
  });
  after(async () => {
    await deleteNamespace(kubectl);
  });

  it("says so in kubeadm's words, from the master's console", async () => {
    await kubectl.apply({
      apiVersion: "nestlet.dev/v1alpha1",
      kind: "CoreOSCluster",
      metadata: { name: "lab" },
      spec: {
        workers: { replicas: 0 },
        ignition: { snippets: [{ roles: ["Master"], inline: JSON.stringify(wrong) }] },
      },
    });
    await eventually(
      async () => {
        const cluster = await kubectl.get<Cluster>("coreoscluster", "lab");
        const { status, reason, message } = condition(cluster, "ControlPlaneInitialized") ?? {};
        assert.deepEqual([status, reason], ["False", "BootstrapFailed"], message);
        assert.match(
          message ?? "",
          /^kubeadm fails on lab-master-0 and is tried again: .*kubeadm\.k8s\.io\/v0/,
        );
        assert.equal(cluster.status?.nextStep, message);
      },
      BOOT_MS,
      1000,
    );
    const told = await eventsOf(kubectl, "CoreOSCluster", "lab");
    assert.ok(
      told.some((event) => event.startsWith("BootstrapFailed")),
      told.join("\n"),
    );
    await kubectl.run(["delete", "coreoscluster", "lab"]);
  });
});
