import { setTimeout as sleep } from "node:timers/promises";
import type { Kubectl } from "../support/kubectl.ts";

/** What a pod's cgroup has used up by a time, of the kubelet's Summary API (k8s.io/kubelet/pkg/apis/stats/v1alpha1). */
export interface Reading {
  /** Milliseconds since the epoch. */
  atMs: number;
  /** Processor time, nanoseconds. */
  used: number;
}

interface Summary {
  pods?: {
    podRef: { name: string; namespace: string };
    cpu?: { time: string; usageCoreNanoSeconds?: number };
  }[];
}

/** Readings by the names of the namespace's pods; a pod that was not read yet is left out. */
export function readings(summary: string, namespace: string): Map<string, Reading> {
  const found = new Map<string, Reading>();
  for (const { podRef, cpu } of (JSON.parse(summary) as Summary).pods ?? []) {
    if (podRef.namespace !== namespace || cpu?.usageCoreNanoSeconds === undefined) continue;
    found.set(podRef.name, { atMs: Date.parse(cpu.time), used: cpu.usageCoreNanoSeconds });
  }
  return found;
}

/**
 * Cores used between two readings.
 * @throws RangeError where the second is not later than the first: the kubelet looks once in some ten seconds
 */
export function cores(before: Reading, after: Reading): number {
  if (after.atMs <= before.atMs) throw new RangeError("two readings of one time tell no use of a processor");
  return (after.used - before.used) / 1e6 / (after.atMs - before.atMs);
}

/** Cores that each pod of a namespace uses in the next minute, by name; pods that come or go meanwhile are left out. */
export async function usedInAMinute(kubectl: Kubectl): Promise<Map<string, number>> {
  const before = await look(kubectl);
  await sleep(60_000);
  const after = await look(kubectl);
  const used = [...after].flatMap(([pod, end]) => {
    const start = before.get(pod);
    return start === undefined ? [] : [[pod, cores(start, end)] as const];
  });
  return new Map(used.sort(([a], [b]) => a.localeCompare(b)));
}

async function look(kubectl: Kubectl): Promise<Map<string, Reading>> {
  const nodes = await kubectl.list<{ metadata: { name: string } }>("nodes");
  const found = await Promise.all(
    nodes.map(async ({ metadata: { name } }) => {
      const path = `/api/v1/nodes/${name}/proxy/stats/summary`;
      return [...readings(await kubectl.run(["get", "--raw", path]), kubectl.namespace)];
    }),
  );
  return new Map(found.flat());
}
