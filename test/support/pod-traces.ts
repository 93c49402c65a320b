import { existsSync } from "node:fs";
import { readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { nodePaths } from "../../hack/lab/config.ts";
import { nodeAt, readSettings } from "../../hack/lab/settings.ts";
import { processesOfPod } from "./processes.ts";

/**
 * What a pod has on the lab's node: processes, with which their locks go; its network namespace, with which its bridge
 * and tap devices go; mounts; and its folder, in which emptyDirs lie.
 */
export class PodTraces {
  readonly #uid: string;
  /** As /proc shows it: `net:[4026532712]`. */
  readonly #network: string;

  private constructor(uid: string, network: string) {
    this.#uid = uid;
    this.#network = network;
  }

  /** Of a pod that runs. */
  static async of(uid: string): Promise<PodTraces> {
    const qemu = (await processesOfPod(uid)).find(({ name }) => name.startsWith("qemu"));
    if (qemu === undefined) throw new Error(`no qemu runs in pod ${uid}`);
    return new PodTraces(uid, await readlink(`/proc/${qemu.pid}/ns/net`));
  }

  /** What is there of them now, each in a few words. */
  async left(): Promise<string[]> {
    const mounts = (await readFile("/proc/self/mountinfo", "utf8")).split("\n");
    const folder = join(nodePaths(nodeAt(readSettings(), 1)).kubelet, "pods", this.#uid);
    return [
      ...(await processesOfPod(this.#uid)).map(({ pid, name }) => `process ${pid} ${name}`),
      ...mounts.filter((line) => line.includes(this.#uid) || line.includes(this.#network)),
      ...(existsSync(folder) ? [folder] : []),
    ];
  }
}
