import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { deleteNamespace, ownNamespace } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";
import { Login } from "../support/guest.ts";
import { eventsOf, launcherPodOf, waitForPhase } from "../support/instances.ts";
import type { Kubectl } from "../support/kubectl.ts";
import {
  CLUSTER_READY_MS,
  LOOK_MS,
  nodeNames,
  openCluster,
  untilReady,
  type CoreOSCluster,
  type GuestNode,
} from "../support/nested.ts";
import { addressOf, condition, type Condition, type Instance, type Machine } from "../support/objects.ts";

interface Claim {
  metadata: { name: string; uid: string; ownerReferences: { kind: string; name: string }[] };
  status: { phase: string };
}

interface Named {
  metadata: { name: string; uid: string };
}

const name = "kept";
const master = "kept-master-0";
const worker = "kept-node-0";

interface Shape {
  workers: number;
  workerDisk?: object;
  more?: object;
}

/** A small cluster whose master has its root on a claim of the lab's default storage class. */
function keptCluster({ workers, workerDisk, more }: Shape): object {
  const disk = { capacity: "6Gi", persistent: {} };
  const workerMachine = {
    cores: 1,
    memory: "1Gi",
    ...(workerDisk === undefined ? {} : { disk: workerDisk }),
  };
  return {
    apiVersion: "nestlet.dev/v1alpha1",
    kind: "CoreOSCluster",
    metadata: { name },
    spec: {
      controlPlane: { machine: { cores: 2, memory: "2Gi", disk } },
      workers: { replicas: workers, machine: workerMachine },
      ...more,
    },
  };
}

const deployment = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "whoami" },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: "whoami" } },
    template: {
      metadata: { labels: { app: "whoami" } },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [{ name: "whoami", image: "nestlet.dev/whoami:1", imagePullPolicy: "Never" }],
      },
    },
  },
};

async function ready(host: Kubectl): Promise<Condition | undefined> {
  return condition(await host.get<CoreOSCluster>("coreosclusters", name), "Ready");
}

/** Waits until Ready is False for this reason. What is lost for good is not waited for. */
async function untilSaid(host: Kubectl, reason: string): Promise<void> {
  await eventually(
    async () => {
      const said = await ready(host);
      assert.equal(said?.reason, reason, JSON.stringify(said));
    },
    180_000,
    1_000,
  );
}

/** Waits until another run of a member's machine has its address. */
async function untilRunsAgain(host: Kubectl, member: string, before: Instance): Promise<Instance> {
  return eventually(
    async () => {
      const instance = await host.get<Instance>("vmi", member);
      assert.notEqual(instance.metadata.uid, before.metadata.uid);
      assert.equal(instance.status?.phase, "Running");
      assert.notEqual(addressOf(instance), "");
      return instance;
    },
    300_000,
    LOOK_MS,
  );
}

async function uidsOf(guest: Kubectl): Promise<Record<string, string>> {
  const nodes = await guest.list<GuestNode>("nodes");
  const deployments = await guest.list<Named>("deployments");
  return Object.fromEntries([...nodes, ...deployments].map(({ metadata }) => [metadata.name, metadata.uid]));
}

describe("a nested cluster whose master keeps its root", function () {
  this.timeout(2 * CLUSTER_READY_MS);
  let host: Kubectl;
  let guest: Kubectl;
  let directory: string;
  let uids: Record<string, string>;

  before(async () => {
    host = await ownNamespace("kept");
    directory = await mkdtemp(join(tmpdir(), "nestlet-kept-"));
    await host.apply(keptCluster({ workers: 1 }));
    await untilReady(host, name, 1);
    guest = await openCluster(host, name, directory);
    await guest.apply(deployment);
    await guest.run(["rollout", "status", "deployment/whoami", "--timeout=240s"]);
    uids = await uidsOf(guest);
  });
  after(async () => {
    await rm(directory, { recursive: true });
    await deleteNamespace(host);
  });

  /** The cluster is Ready and the same, and still does what a cluster does: it starts a pod on its worker. */
  const assertSame = async (replicas: number): Promise<void> => {
    await untilReady(host, name, 1);
    assert.deepEqual(await uidsOf(guest), uids);
    await guest.run(["scale", "deployment/whoami", `--replicas=${replicas}`]);
    await guest.run(["rollout", "status", "deployment/whoami", "--timeout=300s"]);
    const [pod] = await guest.list<Named>("pods", "-l", "app=whoami");
    await eventually(async () => guest.run(["logs", pod?.metadata.name ?? ""]), 120_000, LOOK_MS);
    for (const node of await guest.list<GuestNode>("nodes")) {
      assert.equal(condition(node, "Ready")?.status, "True", node.metadata.name);
    }
    const events = (await eventsOf(host, "CoreOSCluster", name)).join("\n");
    assert.doesNotMatch(events, /MasterLost|MemberReplaced/);
  };

  it("has a claim for the master alone, which belongs to the cluster", async () => {
    const claims = await host.list<Claim>("pvc");
    assert.deepEqual(
      claims.map(({ metadata, status }) => [metadata.name, status.phase, metadata.ownerReferences[0]?.kind]),
      [[`${master}-root`, "Bound", "CoreOSCluster"]],
    );
  });

  it("comes back with another pod address when the master's pod is deleted", async () => {
    const before = await host.get<Instance>("vmi", master);
    const machine = await host.get<Machine>("vm", master);
    const pod = await launcherPodOf(host, master);
    await host.run(["delete", "pod", pod.metadata.name]);
    await untilSaid(host, "ControlPlaneRestarting");
    const now = await untilRunsAgain(host, master, before);
    assert.notEqual(addressOf(now), addressOf(before));
    await assertSame(2);
    assert.equal((await host.get<Machine>("vm", master)).metadata.uid, machine.metadata.uid);
  });

  it("comes back when the master's power is cut", async () => {
    const before = await host.get<Instance>("vmi", master);
    const pod = await launcherPodOf(host, master);
    await host.run(["delete", "pod", pod.metadata.name, "--force", "--grace-period=0"]);
    await untilSaid(host, "ControlPlaneRestarting");
    await untilRunsAgain(host, master, before);
    await assertSame(1);
  });

  it("comes back when somebody deletes the master's machine", async () => {
    const before = await host.get<Instance>("vmi", master);
    await host.run(["delete", "vm", master, "--timeout=120s"]);
    await untilSaid(host, "ControlPlaneRestarting");
    await untilRunsAgain(host, master, before);
    await assertSame(2);
  });

  it("leaves no claim when it is deleted", async () => {
    await host.run(["delete", "coreoscluster", name, "--timeout=120s"]);
    await eventually(async () => assert.deepEqual(await host.list("pvc"), []), 180_000, LOOK_MS);
  });
});

describe("a nested cluster whose workers keep their roots, too", function () {
  this.timeout(2 * CLUSTER_READY_MS);
  let host: Kubectl;
  let guest: Kubectl;
  let login: Login;

  before(async () => {
    host = await ownNamespace("kept-workers");
    login = await Login.create();
    await host.apply(
      keptCluster({
        workers: 1,
        workerDisk: { capacity: "6Gi", persistent: {} },
        more: {
          ssh: { authorizedKeys: [login.publicKey] },
          timeouts: { nodeStartupSeconds: 420, nodeUnhealthySeconds: 60 },
        },
      }),
    );
    await untilReady(host, name, 1);
    guest = await openCluster(host, name, login.directory);
  });
  after(async () => {
    await login.remove();
    await deleteNamespace(host);
  });

  it("restarts a worker whose kubelet has stopped, and it is the Node that it was", async () => {
    const before = await host.get<Instance>("vmi", worker);
    const node = await guest.get<GuestNode>("nodes", worker);
    await login.run(addressOf(before), "sudo systemctl stop kubelet");
    await eventually(
      async () =>
        assert.notEqual((await host.get<Instance>("vmi", worker)).metadata.uid, before.metadata.uid),
      CLUSTER_READY_MS,
      LOOK_MS,
    );
    await untilReady(host, name, 1);
    assert.equal((await guest.get<GuestNode>("nodes", worker)).metadata.uid, node.metadata.uid);
    const events = (await eventsOf(host, "CoreOSCluster", name)).join("\n");
    assert.match(events, /^MemberRestarted: restarting kept-node-0: its Node is not Ready since/m);
    assert.doesNotMatch(events, /MemberReplaced/);
    await eventually(
      async () => {
        const { metadata } = await host.get<{ metadata: { annotations?: Record<string, string> } }>(
          "vm",
          worker,
        );
        assert.equal(metadata.annotations?.["nestlet.dev/health-restart"], undefined);
      },
      60_000,
      LOOK_MS,
    );
  });

  it("removes a worker's claim with the worker", async () => {
    await host.run(["scale", "coreosclusters", name, "--replicas=0"]);
    await untilReady(host, name, 0);
    await eventually(
      async () => {
        const claims = await host.list<Claim>("pvc");
        assert.deepEqual(
          claims.map(({ metadata }) => metadata.name),
          [`${master}-root`],
        );
      },
      300_000,
      LOOK_MS,
    );
    assert.deepEqual(await nodeNames(guest), [master]);
  });
});

describe("a nested cluster whose master's first boot is cut off", function () {
  this.timeout(2 * CLUSTER_READY_MS);
  let host: Kubectl;
  before(async () => {
    host = await ownNamespace("kept-cut");
  });
  after(async () => deleteNamespace(host));

  /** Seconds into the master's run: while Ignition has only just written its files, and while kubeadm is at work. */
  for (const seconds of [20, 75]) {
    it(`becomes Ready after a power cut at ${seconds} s`, async () => {
      await host.apply(keptCluster({ workers: 0 }));
      await eventually(async () => host.get("vmi", master), 60_000);
      const before = await waitForPhase(host, master, "Running", 300_000);
      await delay(seconds * 1000);
      const pod = await launcherPodOf(host, master);
      await host.run(["delete", "pod", pod.metadata.name, "--force", "--grace-period=0"]);
      await untilRunsAgain(host, master, before);
      await untilReady(host, name, 0);
      await host.run(["delete", "coreoscluster", name, "--timeout=120s"]);
      await eventually(async () => assert.deepEqual(await host.list("pvc"), []), 180_000, LOOK_MS);
    });
  }
});
