import assert from "node:assert/strict";
import { virtualMachineInstances, virtualMachines } from "../../../src/api/resources.ts";
import { pods } from "../../../src/kube/object.ts";
import { Chaos } from "./chaos.ts";
import { eventually, startCluster, stopCluster } from "./cluster.ts";
import { doubles, podLives } from "./pod-history.ts";

const settlesMs = 180_000;

/** How often a long run says that it goes on. */
const tellEvery = 25;

/**
 * Strikes with faults while machines come and go, and checks afterwards that none of it shows.
 * @param seed gives the same faults and the same users' acts again, though not at the same moments
 * @throws Error that names the seed and what was struck until then
 */
export async function survives(seed: number, count: number, pauseMs: number): Promise<void> {
  const struck = new Map<string, number>();
  try {
    await strikeAndLook(seed, count, pauseMs, struck);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`CHAOS_SEED=${String(seed)}, ${describeFaults(struck)}: ${message}`, { cause: error });
  }
}

async function strikeAndLook(
  seed: number,
  count: number,
  pauseMs: number,
  struck: Map<string, number>,
): Promise<void> {
  const names = Array.from({ length: 20 }, (_, index) => `vm-${String(index)}`);
  const cluster = await startCluster({ durable: true, flags: ["--etcd-compaction-interval=0"] });
  const namespace = await cluster.namespace();
  const chaos = new Chaos(cluster, namespace, seed);
  try {
    await chaos.strike({ count, pauseMs, names }, (fault, done) => {
      struck.set(fault, (struck.get(fault) ?? 0) + 1);
      if (done > 0 && done % tellEvery === 0) console.log(`      ${String(done)} faults survived so far`);
    });
    let trouble: string | undefined;
    await eventually(
      "all machines run and are said to",
      async () => ((trouble = await chaos.trouble()) === undefined ? true : undefined),
      settlesMs,
    ).catch((error: unknown) => {
      throw new Error(`${trouble ?? ""}\n${chaos.log.split("\n").slice(-20).join("\n")}`, { cause: error });
    });
    await chaos.removeAll();
    const left = async (): Promise<true | undefined> => {
      const kinds = [virtualMachines, virtualMachineInstances, pods] as const;
      const found = await Promise.all(kinds.map(async (kind) => chaos.list(kind as typeof pods)));
      return found.flat().length === 0 ? true : undefined;
    };
    await eventually("nothing is left", left, settlesMs);
    await chaos.stop();
    await cluster.server.stopServer();
    const lives = await podLives(cluster.server, namespace);
    console.log(`      seed ${String(seed)}: ${describeFaults(struck)}; ${String(lives.length)} lives`);
    assert.ok(lives.length > count / 2, "too little happened meanwhile");
    assert.deepEqual(
      lives.filter(({ gone }) => gone === undefined),
      [],
    );
    assert.deepEqual(doubles(lives), []);
  } finally {
    await chaos.stop();
    await stopCluster(cluster);
  }
}

function describeFaults(struck: ReadonlyMap<string, number>): string {
  return [...struck].map(([fault, times]) => `${fault} killed ${String(times)} times`).join(", ");
}
