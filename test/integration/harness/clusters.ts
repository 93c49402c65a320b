import {
  coreOSClusters,
  virtualMachines,
  type ClusterSpec,
  type CoreOSCluster,
} from "../../../src/api/resources.ts";
import type { Client } from "../../../src/kube/client.ts";
import type { KubeObject, Resource, Secret } from "../../../src/kube/object.ts";
import { eventually } from "./cluster.ts";

/** What tests of clusters do and wait for, in the namespace of the test that runs. */
export interface ClusterTools {
  create: (spec: ClusterSpec, name?: string) => Promise<CoreOSCluster>;
  /** Names of the objects, sorted. */
  names: (resource: Resource<KubeObject>) => Promise<string[]>;
  /** Waits until these are the objects. */
  become: (resource: Resource<KubeObject>, wanted: readonly string[]) => Promise<void>;
  /** Waits until the condition of the cluster `lab` is, as `status reason: message`, what the expression wants. */
  says: (type: string, text: RegExp) => Promise<void>;
  /** Waits until these are the machines that are not being deleted. */
  staying: (wanted: readonly string[]) => Promise<void>;
}

export function clusterTools(client: () => Client, namespace: () => string): ClusterTools {
  const list = async <T extends KubeObject>(resource: Resource<T>): Promise<T[]> =>
    (await client().listPage(resource, { namespace: namespace() }, 300)).items;
  const names = async (resource: Resource<KubeObject>): Promise<string[]> =>
    (await list(resource)).map(({ metadata }) => metadata.name).sort();
  return {
    create: async (spec, name = "lab") =>
      client().create(coreOSClusters, { metadata: { namespace: namespace(), name }, spec }),
    names,
    become: async (resource, wanted) => {
      let found: string[] = [];
      await eventually(`${resource.plural} are ${wanted.join(", ")}`, async () => {
        found = await names(resource);
        return found.join() === wanted.join() ? true : undefined;
      }).catch((error: unknown) => {
        throw new Error(`they are ${found.join(", ")}`, { cause: error });
      });
    },
    says: async (type, text) => {
      await eventually(`${type} says ${String(text)}`, async () => {
        const { status } = await client().get(coreOSClusters, namespace(), "lab");
        const condition = status?.conditions?.find((one) => one.type === type);
        const said = `${condition?.status ?? ""} ${condition?.reason ?? ""}: ${condition?.message ?? ""}`;
        return text.test(said) ? true : undefined;
      });
    },
    staying: async (wanted) => {
      await eventually(`machines that stay are ${wanted.join(", ")}`, async () => {
        const machines = await list(virtualMachines);
        const staying = machines.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
        return staying
          .map(({ metadata }) => metadata.name)
          .sort()
          .join() === wanted.join()
          ? true
          : undefined;
      });
    },
  };
}

export function textOf({ data }: Secret, key: string): string {
  return Buffer.from(data?.[key] ?? "", "base64").toString();
}
