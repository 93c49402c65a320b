import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { deleteNamespace, ownNamespace } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";
import { eventsOf, launcherPodOf } from "../support/instances.ts";
import type { Kubectl } from "../support/kubectl.ts";
import {
  CLUSTER_READY_MS,
  LOOK_MS,
  nodeNames,
  openCluster,
  smallCluster,
  untilReady,
  type CoreOSCluster,
  type GuestNode,
} from "../support/nested.ts";
import { condition, type Instance } from "../support/objects.ts";
import { verb } from "../support/verbs.ts";

const name = "life";
const MASTER = "life-master-0";
const ONLINE = "/sys/devices/system/cpu/online";
/** Twice as long as an emulated master has to have little to do until it turns a processor off. */
const QUIET_MS = 120_000;

/** Sees what the master's kernel tells, and can give it work. */
const watcher = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "watcher" },
  spec: {
    nodeName: MASTER,
    tolerations: [{ operator: "Exists" }],
    containers: [{ name: "whoami", image: "nestlet.dev/whoami:1", imagePullPolicy: "Never" }],
  },
};

describe("the life of a nested cluster", function () {
  this.timeout(CLUSTER_READY_MS + 60_000);
  let host: Kubectl;
  let guest: Kubectl;
  let directory: string;

  before(async () => {
    host = await ownNamespace("life");
    directory = await mkdtemp(join(tmpdir(), "nestlet-life-"));
    await host.apply(smallCluster(name, 1));
    await untilReady(host, name, 1);
    guest = await openCluster(host, name, directory);
  });
  after(async () => {
    await rm(directory, { recursive: true });
    await deleteNamespace(host);
  });

  it("keeps an emulated master, and no other, to one processor while there is little to do; its Node says two", async function () {
    this.timeout(15 * 60_000);
    const { status } = await host.get<Instance>("vmi", MASTER);
    await guest.apply(watcher);
    await guest.run(["wait", "--for=condition=Ready", "pod/watcher", "--timeout=120s"]);
    const online = async (): Promise<string> =>
      (await guest.run(["exec", "watcher", "--", "cat", ONLINE])).trim();
    const becomes = async (processors: string, withinMs: number): Promise<void> =>
      eventually(async () => assert.equal(await online(), processors), withinMs, 10 * LOOK_MS);
    if (status?.accelerator?.type === "tcg") await becomes("0", 600_000);
    else {
      await sleep(QUIET_MS);
      assert.equal(await online(), "0-1");
    }
    const work = guest.try(["exec", "watcher", "--", "timeout", "60", "sh", "-c", "while :; do :; done"]);
    await becomes("0-1", 60_000);
    await work;
    const node = await guest.get<GuestNode>("nodes", MASTER);
    assert.equal(node.status.capacity["cpu"], "2");
  });

  it("grows: later workers join with a token of their own", async () => {
    await host.run(["scale", "coreosclusters", name, "--replicas=3"]);
    await untilReady(host, name, 3);
    assert.deepEqual(await nodeNames(guest), [MASTER, "life-node-0", "life-node-1", "life-node-2"]);
  });

  it("notices within a minute that a worker is lost, and that it is back", async () => {
    const pod = (await launcherPodOf(host, "life-node-2")).metadata.name;
    const says = async (status: RegExp, withinMs: number): Promise<void> =>
      eventually(
        async () => {
          const node = await guest.get<GuestNode>("nodes", "life-node-2");
          assert.match(condition(node, "Ready")?.status ?? "", status);
        },
        withinMs,
        LOOK_MS,
      );
    await verb(host, pod, "pause");
    try {
      await says(/^(Unknown|False)$/, 60_000);
    } finally {
      await verb(host, pod, "unpause");
    }
    await says(/^True$/, 120_000);
  });

  it("replaces a worker whose guest has died", async () => {
    const before = await guest.get<GuestNode>("nodes", "life-node-1");
    const pod = await launcherPodOf(host, "life-node-1");
    await host.run(["delete", "pod", pod.metadata.name]);
    await eventually(
      async () => {
        const now = await guest.get<GuestNode>("nodes", "life-node-1");
        assert.notEqual(now.metadata.uid, before.metadata.uid);
      },
      CLUSTER_READY_MS,
      LOOK_MS,
    );
    await untilReady(host, name, 3);
    const events = (await eventsOf(host, "CoreOSCluster", name)).join("\n");
    assert.match(events, /^MemberReplaced: replacing life-node-1: its guest has ended/m);
  });

  it("says that it is lost when its only master, on an ephemeral disk, is", async () => {
    const pod = await launcherPodOf(host, MASTER);
    await host.run(["delete", "pod", pod.metadata.name]);
    await eventually(
      async () => {
        const cluster = await host.get<CoreOSCluster>("coreosclusters", name);
        assert.equal(condition(cluster, "Ready")?.reason, "MasterLost");
        assert.equal(cluster.status?.nextStep, "none: delete the cluster and apply it again");
      },
      120_000,
      LOOK_MS,
    );
  });
});
