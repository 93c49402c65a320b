import {
  coreOSClusters,
  virtualMachineInstances,
  virtualMachines,
  type ClusterSpec,
} from "../../../src/api/resources.ts";
import type { Client } from "../../../src/kube/client.ts";
import { pods, secrets } from "../../../src/kube/object.ts";
import { eventually } from "./cluster.ts";
import { clusterTools, type ClusterTools } from "./clusters.ts";
import type { GuestControlPlane } from "./guest.ts";
import { Kubelet } from "./kubelet.ts";
import { Watcher } from "./objects.ts";

/** What tests do with the cluster `lab` once its control plane answers. */
export interface LifeTools extends ClusterTools {
  /** Asks for this many workers. */
  scale: (replicas: number) => Promise<void>;
  /** The master's guest is to be this control plane: it issues the authority's certificates. */
  found: () => Promise<void>;
  /** A member's guest runs, and the master's is the control plane. */
  boot: (member: string) => Promise<void>;
  /** A member's guest and launcher have ended, as its pod's deletion asks. */
  end: (member: string) => Promise<void>;
  /** A cluster of these workers and what else the spec says, with all Nodes Ready. */
  ready: (workers: readonly string[], spec?: ClusterSpec) => Promise<void>;
  /** Waits until these are the Nodes. */
  nodesAre: (wanted: readonly string[]) => Promise<void>;
  /** All that has happened to the cluster and its members has happened an hour earlier. */
  age: () => Promise<void>;
}

const hourMs = 3_600_000;

export function lifeTools(
  client: () => Client,
  namespace: () => string,
  guest: () => GuestControlPlane,
): LifeTools {
  const tools = clusterTools(client, namespace);
  const found = async (): Promise<void> => {
    const data = guest().authority;
    await client().create(secrets, { metadata: { namespace: namespace(), name: "lab-ca" }, data });
  };
  const boot = async (member: string): Promise<void> => {
    const pod = await new Watcher(client(), namespace()).podOf(member);
    const number = Number(/\d+$/.exec(member)?.[0]);
    const address = member.includes("-master-") ? guest().address : `10.244.1.${String(number + 1)}`;
    await new Kubelet(client()).bind(pod);
    await new Kubelet(client()).running(pod, address);
  };
  return {
    ...tools,
    found,
    boot,
    scale: async (replicas) => {
      const name = { namespace: namespace(), name: "lab" };
      await client().mergePatch(coreOSClusters, name, { spec: { workers: { replicas } } });
    },
    end: async (member) => {
      const { items } = await client().listPage(pods, { namespace: namespace() }, 100);
      const own = items.filter(({ metadata }) => metadata.labels?.["nestlet.dev/virtual-machine"] === member);
      for (const pod of own) await new Kubelet(client()).remove(pod);
    },
    ready: async (workers, spec = {}) => {
      await found();
      await tools.create({ workers: { replicas: workers.length }, ...spec });
      const members = ["lab-master-0", ...workers];
      await tools.become(virtualMachines, [...members].sort());
      for (const member of members) await guest().node(member);
      for (const member of members.toReversed()) await boot(member);
      await tools.says("Ready", /^True ClusterReady/);
    },
    nodesAre: async (wanted) => {
      await eventually(`Nodes are ${wanted.join(", ")}`, async () =>
        (await guest().nodes()).join() === wanted.join() ? true : undefined,
      );
    },
    age: async () => backdate(client(), namespace()),
  };
}

async function backdate(client: Client, namespace: string): Promise<void> {
  const earlier = (time: string): string =>
    new Date(Date.parse(time) - hourMs).toISOString().replace(/\.\d+Z$/, "Z");
  const instances = await client.listPage(virtualMachineInstances, { namespace }, 100);
  for (const { metadata, status } of instances.items) {
    const phaseTransitionTimestamps = (status?.phaseTransitionTimestamps ?? []).map((each) => ({
      ...each,
      phaseTransitionTimestamp: earlier(each.phaseTransitionTimestamp),
    }));
    const patch = { status: { phaseTransitionTimestamps } };
    await client.mergePatch(virtualMachineInstances, metadata, patch, "status");
  }
  const { metadata, status } = await client.get(coreOSClusters, namespace, "lab");
  const conditions = (status?.conditions ?? []).map((each) => ({
    ...each,
    lastTransitionTime: earlier(each.lastTransitionTime),
  }));
  await client.mergePatch(coreOSClusters, metadata, { status: { conditions } }, "status");
}
