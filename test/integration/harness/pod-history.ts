import { once } from "node:events";
import { createInterface } from "node:readline";
import { run } from "../../../hack/lib/exec.ts";
import type { ApiServer } from "./api-server.ts";
import { spawnChild } from "./children.ts";

/** From the revision in which a pod was made to the one in which it went, which is undefined while it is there. */
export interface PodLife {
  pod: string;
  made: number;
  gone?: number;
}

interface WatchResponse {
  Events?: { type?: number; kv: { key: string; mod_revision: number; version?: number } }[];
}

const deletion = 1;

/**
 * Every pod that a namespace has ever had, from the history that etcd keeps: none is missed, however short its life.
 * The API server must not compact that history (--etcd-compaction-interval=0), and is stopped by now.
 */
export async function podLives({ etcd }: ApiServer, namespace: string): Promise<PodLife[]> {
  const prefix = `/registry/pods/${namespace}/`;
  const environment = { ...process.env, ETCDCTL_ENDPOINTS: etcd.url };
  const end = `${prefix}~end`;
  await run(etcd.ctl, ["put", end, ""], { env: environment });
  const args = ["watch", "--prefix", prefix, "--rev=1", "-w", "json", `--endpoints=${etcd.url}`];
  const child = spawnChild(etcd.ctl, args, ["ignore", "pipe", "inherit"]);
  const lives: PodLife[] = [];
  if (child.stdout === null) throw new Error("etcdctl has no output");
  for await (const line of createInterface({ input: child.stdout })) {
    const { Events: events = [] } = JSON.parse(line) as WatchResponse;
    for (const { type, kv } of events) {
      const pod = Buffer.from(kv.key, "base64").toString().slice(prefix.length);
      if (type === deletion) endLife(lives, pod, kv.mod_revision);
      else if (kv.version === 1) lives.push({ pod, made: kv.mod_revision });
    }
    if (lives.some(({ pod }) => pod === "~end")) break;
  }
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
  return lives.filter(({ pod }) => pod !== "~end");
}

function endLife(lives: readonly PodLife[], pod: string, revision: number): void {
  const life = lives.find((each) => each.pod === pod && each.gone === undefined);
  if (life !== undefined) life.gone = revision;
}

/** Pods of one machine that were there at the same time, and instances that had a second pod; in words. */
export function doubles(lives: readonly PodLife[]): string[] {
  const found: string[] = [];
  for (const [name, same] of Map.groupBy(lives, ({ pod }) => pod)) {
    if (same.length > 1) found.push(`${name} was made ${String(same.length)} times`);
  }
  for (const [machine, own] of Map.groupBy(lives, ({ pod }) => machineOf(pod))) {
    const inOrder = own.toSorted((a, b) => a.made - b.made);
    for (const [index, next] of inOrder.entries()) {
      const before = inOrder[index - 1];
      if (before !== undefined && (before.gone ?? Number.POSITIVE_INFINITY) > next.made) {
        found.push(`${machine} had ${before.pod} and ${next.pod} at the same time`);
      }
    }
  }
  return found;
}

/** The machine of a pod, `virt-launcher-<machine>-<suffix>`; any other name is the machine's own. */
export function machineOf(name: string): string {
  return name.startsWith("virt-launcher-")
    ? name.slice("virt-launcher-".length).replace(/-[^-]*$/, "")
    : name;
}
