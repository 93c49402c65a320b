import { once } from "node:events";
import { openSync } from "node:fs";
import { join } from "node:path";
import { binary } from "../../../hack/lab/binaries.ts";
import { removeScratch, scratchFolder, spawnChild } from "./children.ts";

/** Kubernetes' own garbage collector: it deletes what has owners when these are gone. */
export interface GarbageCollector {
  stop(): Promise<void>;
}

export async function startGarbageCollector(kubeconfig: string): Promise<GarbageCollector> {
  const program = await binary("kube-controller-manager");
  const dir = await scratchFolder("collector");
  const log = openSync(join(dir, "log"), "a");
  const args = ["--controllers=garbage-collector-controller", "--leader-elect=false", "--secure-port=0"];
  const child = spawnChild(program, [`--kubeconfig=${kubeconfig}`, ...args], ["ignore", log, log]);
  return {
    stop: async () => {
      if (child.exitCode !== null) throw new Error(`kube-controller-manager ended, see ${dir}/log`);
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
      removeScratch(dir);
    },
  };
}
