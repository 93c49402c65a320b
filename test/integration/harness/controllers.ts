import { once } from "node:events";
import { openSync } from "node:fs";
import { join } from "node:path";
import { binary } from "../../../hack/lab/binaries.ts";
import { removeScratch, scratchFolder, spawnChild } from "./children.ts";

/** Some of Kubernetes' own controllers. */
export interface Controllers {
  stop(): Promise<void>;
}

/** The garbage collector: it deletes what has owners when these are gone. */
export async function startGarbageCollector(kubeconfig: string): Promise<Controllers> {
  return startControllers(kubeconfig, "--controllers=garbage-collector-controller");
}

/** Horizontal pod autoscaling, which looks once a second; nothing here measures a load. */
export async function startAutoscaler(kubeconfig: string): Promise<Controllers> {
  const controllers = "--controllers=horizontal-pod-autoscaler-controller";
  return startControllers(kubeconfig, controllers, "--horizontal-pod-autoscaler-sync-period=1s");
}

/** Puts the rules of roles that are labelled for it into the cluster's roles view, edit and admin. */
export async function startRoleAggregation(kubeconfig: string): Promise<Controllers> {
  return startControllers(kubeconfig, "--controllers=clusterrole-aggregation-controller");
}

/** What keeps a Deployment's pods and counts how many of them may be evicted. */
export async function startDeployments(kubeconfig: string): Promise<Controllers> {
  const names = ["deployment-controller", "replicaset-controller", "disruption-controller"];
  return startControllers(kubeconfig, `--controllers=${names.join(",")}`);
}

/**
 * What evicts the pods of tainted nodes, and removes those whose kubelet will not say that they have ended. The first of
 * them finds pods by an index that the node lifecycle controller makes.
 */
export async function startNodeLoss(kubeconfig: string): Promise<Controllers> {
  const names = [
    "node-lifecycle-controller",
    "taint-eviction-controller",
    "pod-garbage-collector-controller",
  ];
  return startControllers(kubeconfig, `--controllers=${names.join(",")}`);
}

async function startControllers(kubeconfig: string, ...flags: readonly string[]): Promise<Controllers> {
  const program = await binary("kube-controller-manager");
  const dir = await scratchFolder("controllers");
  const log = openSync(join(dir, "log"), "a");
  const args = [...flags, "--leader-elect=false", "--secure-port=0"];
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
