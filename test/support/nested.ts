import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "./eventually.ts";
import { Kubectl } from "./kubectl.ts";
import { condition, type Condition } from "./objects.ts";

/** An emulated cluster takes five minutes on two processors, and thrice as long where others want them too. */
export const CLUSTER_READY_MS = 20 * 60_000;
/** Each look is a process, and the guests want the processors. */
export const LOOK_MS = 3_000;

export interface CoreOSCluster {
  status?: {
    initialized?: boolean;
    version?: string;
    nextStep?: string;
    controlPlane?: { replicas: number; readyReplicas: number };
    workers?: { replicas: number; readyReplicas: number };
    conditions?: Condition[];
  };
}

export interface GuestNode {
  metadata: { name: string; uid: string };
  status: { conditions: Condition[]; capacity: Record<string, string> };
}

/**
 * One master and as many workers as are asked for, as small as they can be.
 * @param more of the spec
 */
export function smallCluster(name: string, workers: number, more: object = {}): object {
  return {
    apiVersion: "nestlet.dev/v1alpha1",
    kind: "CoreOSCluster",
    metadata: { name },
    spec: {
      controlPlane: { machine: { cores: 2, memory: "2Gi" } },
      workers: { replicas: workers, machine: { cores: 1, memory: "1Gi" } },
      ...more,
    },
  };
}

/** Waits until the cluster is Ready with this many workers, and tells how long that took. */
export async function untilReady(host: Kubectl, name: string, workers: number): Promise<CoreOSCluster> {
  const started = performance.now();
  const cluster = await eventually(
    async () => {
      const now = await host.get<CoreOSCluster>("coreosclusters", name);
      assert.equal(condition(now, "Ready")?.status, "True", JSON.stringify(now.status));
      assert.equal(now.status?.workers?.readyReplicas, workers, JSON.stringify(now.status));
      return now;
    },
    CLUSTER_READY_MS,
    LOOK_MS,
  );
  console.log(`      Ready after ${Math.round((performance.now() - started) / 1000)} s`);
  return cluster;
}

/** Opens a cluster by its Secret. This machine reaches the Service by its address: it asks the host's DNS nothing. */
export async function openCluster(host: Kubectl, name: string, directory: string): Promise<Kubectl> {
  const secret = await host.get<{ data: { value: string } }>("secret", `${name}-kubeconfig`);
  const config = JSON.parse(Buffer.from(secret.data.value, "base64").toString()) as {
    clusters: { cluster: Record<string, string> }[];
  };
  const service = await host.get<{ spec: { clusterIP: string } }>("service", `${name}-api`);
  const server = config.clusters[0]?.cluster ?? {};
  server["tls-server-name"] = new URL(server["server"] ?? "").hostname;
  server["server"] = `https://${service.spec.clusterIP}:6443`;
  const path = join(directory, `${name}.kubeconfig`);
  await writeFile(path, JSON.stringify(config), { mode: 0o600 });
  return new Kubectl(path, "default");
}

export async function nodeNames(guest: Kubectl): Promise<string[]> {
  return (await guest.list<GuestNode>("nodes")).map(({ metadata }) => metadata.name).sort();
}
