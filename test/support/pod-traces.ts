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
  /** Where its network namespace is mounted: the number of a namespace is soon another's. */
  readonly #networks: readonly string[];

  private constructor(uid: string, networks: readonly string[]) {
    this.#uid = uid;
    this.#networks = networks;
  }

  /** Of a pod whose sandbox is there, whatever runs in it yet. */
  static async of(uid: string): Promise<PodTraces> {
    // What starts a container passes through namespaces of the node; these two do not.
    const inside = (await processesOfPod(uid)).find(
      ({ name }) => name === "pause" || name.startsWith("qemu"),
    );
    if (inside === undefined) throw new Error(`pod ${uid} has no sandbox`);
    // As /proc shows it: `net:[4026532712]`.
    const network = await readlink(`/proc/${inside.pid}/ns/net`);
    const own = (await mountLines()).filter((line) => line.includes(network));
    if (own.length === 0) throw new Error(`the network namespace of pod ${uid}, ${network}, is not mounted`);
    return new PodTraces(
      uid,
      own.map((line) => line.split(" ")[4] ?? ""),
    );
  }

  /** What is there of them now, each in a few words. */
  async left(): Promise<string[]> {
    const signs = [this.#uid, ...this.#networks];
    const folder = join(nodePaths(nodeAt(readSettings(), 1)).kubelet, "pods", this.#uid);
    return [
      ...(await processesOfPod(this.#uid)).map(({ pid, name }) => `process ${pid} ${name}`),
      ...(await mountLines()).filter((line) => signs.some((sign) => line.includes(sign))),
      ...(existsSync(folder) ? [folder] : []),
    ];
  }
}

/** proc_pid_mountinfo(5): the fifth word is where it is mounted. */
async function mountLines(): Promise<string[]> {
  return (await readFile("/proc/self/mountinfo", "utf8")).split("\n");
}
