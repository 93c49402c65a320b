import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { deleteNamespace, ownNamespace } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";
import { Login } from "../support/guest.ts";
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
import { addressOf, condition, type Instance } from "../support/objects.ts";
import { verb } from "../support/verbs.ts";

const name = "life";
const MASTER = "life-master-0";
const ONLINE = "/sys/devices/system/cpu/online";
/** Twice as long as an emulated master has to have little to do until it turns a processor off. */
const QUIET_MS = 120_000;

describe("the life of a nested cluster", function () {
  this.timeout(CLUSTER_READY_MS + 60_000);
  let host: Kubectl;
  let guest: Kubectl;
  let login: Login;

  before(async () => {
    host = await ownNamespace("life");
    login = await Login.create();
    await host.apply(smallCluster(name, 1, { ssh: { authorizedKeys: [login.publicKey] } }));
    await untilReady(host, name, 1);
    guest = await openCluster(host, name, login.directory);
  });
  after(async () => {
    await login.remove();
    await deleteNamespace(host);
  });

  it("keeps an emulated master, and no other, to one processor while there is little to do", async function () {
    this.timeout(15 * 60_000);
    const master = await host.get<Instance>("vmi", MASTER);
    const onMaster = async (command: string): Promise<string> =>
      (await login.run(addressOf(master), command)).trim();
    const emulated = master.status?.accelerator?.type === "tcg";
    const quiet = async (): Promise<void> => {
      if (emulated) await onMaster(`timeout 600 sh -c 'until grep -qx 0 ${ONLINE}; do sleep 5; done'`);
      else await sleep(QUIET_MS);
      assert.equal(await onMaster(`cat ${ONLINE}`), emulated ? "0" : "0-1");
    };
    await quiet();
    assert.equal(
      await onMaster(`timeout 60 sh -c 'while ! grep -qx 0-1 ${ONLINE}; do :; done'; cat ${ONLINE}`),
      "0-1",
    );
    await quiet();
    const [heartbeat, processors] = await statusOf(guest, MASTER);
    assert.equal(processors, "2");
    assert.equal(await onMaster(`sudo systemctl restart kubelet && cat ${ONLINE}`), "0-1");
    await eventually(
      async () => {
        const [later, counted] = await statusOf(guest, MASTER);
        assert.notEqual(later, heartbeat);
        assert.equal(counted, "2");
      },
      180_000,
      LOOK_MS,
    );
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

/** When a Node's kubelet last told its status, and how many processors it told of. */
async function statusOf(guest: Kubectl, node: string): Promise<[string | undefined, string | undefined]> {
  const { status } = await guest.get<GuestNode>("nodes", node);
  return [condition({ status }, "Ready")?.lastHeartbeatTime, status.capacity["cpu"]];
}
