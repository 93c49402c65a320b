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

  /** Of a pod that runs. */
  static async of(uid: string): Promise<PodTraces> {
    const qemu = (await processesOfPod(uid)).find(({ name }) => name.startsWith("qemu"));
    if (qemu === undefined) throw new Error(`no qemu runs in pod ${uid}`);
    // As /proc shows it: `net:[4026532712]`.
    const network = await readlink(`/proc/${qemu.pid}/ns/net`);
    const own = (await mountLines()).filter((line) => line.includes(network));
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
