import assert from "node:assert/strict";
import {
  coreOSClusters as clusters,
  virtualMachineInstances as instances,
  virtualMachines as machines,
} from "../../../src/api/resources.ts";
import type { Client } from "../../../src/kube/client.ts";
import {
  endpointSlices,
  pods,
  secrets,
  services,
  type KubeObject,
  type Resource,
} from "../../../src/kube/object.ts";
import { eventually, sharedCluster } from "../harness/cluster.ts";
import { lifeTools } from "../harness/cluster-life.ts";
import { startGarbageCollector, type Controllers } from "../harness/controllers.ts";
import { sharedGuest, type GuestControlPlane } from "../harness/guest.ts";
import { Kubelet } from "../harness/kubelet.ts";
import { withController } from "../harness/stage.ts";

const kinds: Resource<KubeObject>[] = [machines, instances, pods, secrets, services, endpointSlices];

describe("a cluster that is deleted", () => {
  let client: Client;
  let collector: Controllers;
  let guest: GuestControlPlane;
  let namespace: string;

  const controller = withController((stage) => ({ client, namespace } = stage));

  before(async function () {
    this.timeout(120_000);
    guest = await sharedGuest();
    collector = await startGarbageCollector((await sharedCluster()).server.kubeconfig);
  });

  after(async () => {
    await collector.stop();
    await guest.clear();
  });

  const { create, become, names, says, ready, scale } = lifeTools(
    () => client,
    () => namespace,
    () => guest,
  );

  const present = async (): Promise<string[]> => {
    const lists = await Promise.all(
      kinds.map(async (kind) => (await names(kind)).map((name) => `${kind.kind} ${name}`)),
    );
    return lists.flat().sort();
  };

  /** Waits until all that is left is this; meanwhile pods that are asked to go end. */
  const leaves = async (wanted: readonly string[]): Promise<void> => {
    let last: string[] = [];
    const isLeft = async (): Promise<true | undefined> => {
      for (const pod of (await client.listPage(pods, { namespace }, 100)).items) {
        if (pod.metadata.deletionTimestamp !== undefined) await new Kubelet(client).remove(pod);
      }
      last = await present();
      return last.join() === [...wanted].sort().join() ? true : undefined;
    };
    await eventually(`what is left is ${wanted.join(", ")}`, isLeft).catch((error: unknown) => {
      throw new Error(`left are ${last.join(", ")}`, { cause: error });
    });
  };

  it("half-way through its creation leaves nothing, and its neighbour whole", async function () {
    this.timeout(60_000);
    await create({ workers: { replicas: 0 } }, "other");
    await become(machines, ["other-master-0"]);
    await eventually("its pod is there", async () => ((await names(pods)).length > 0 ? true : undefined));
    const neighbour = await present();
    const begun: [string, () => Promise<boolean>][] = [
      ["nothing", async () => Promise.resolve(true)],
      ["a Secret", async () => (await names(secrets)).some((name) => name.startsWith("lab-"))],
      ["a machine", async () => (await names(machines)).some((name) => name.startsWith("lab-"))],
    ];
    for (const [what, isThere] of begun) {
      await create({});
      await eventually(`${what} is there`, async () => ((await isThere()) ? true : undefined));
      await client.delete(clusters, { namespace, name: "lab" });
      await leaves(neighbour);
    }
  });

  it("with Secrets missing, and a worker being drained, goes while the controller is away and when it is back", async function () {
    this.timeout(90_000);
    await ready(["lab-node-0"]);
    await guest.pod("slow", "lab-node-0");
    await scale(0);
    await guest.evicted("slow");
    for (const name of ["lab-ca", "lab-etcd", "lab-sa", "lab-kubeconfig", "lab-node-0-ignition"]) {
      await client.delete(secrets, { namespace, name });
    }
    await client.create(secrets, { metadata: { namespace, name: "lab-mine" }, data: {} });
    await controller.kill();
    await controller.start();
    await says("InfrastructureReady", /^False AuthorityLost: Secret lab-(ca|etcd|sa) is gone/);
    await controller.kill();
    await client.delete(clusters, { namespace, name: "lab" });
    await eventually("the collector has seen it", async () => {
      const { items } = await client.listPage(machines, { namespace }, 10);
      return items.every(({ metadata }) => metadata.deletionTimestamp !== undefined) ? true : undefined;
    });
    await controller.start();
    await leaves(["Secret lab-mine"]);
    await assert.rejects(client.get(clusters, namespace, "lab"));
  });
});
