import type { Pod } from "../../kube/object.ts";

/** Pods that keep a Node from being empty: not the DaemonSets', nor static ones, nor those that are over. */
export function podsToEvict(pods: readonly Pod[]): Pod[] {
  return pods.filter(({ metadata, status }) => {
    const owners = metadata.ownerReferences ?? [];
    const ofNode = owners.some(({ kind }) => kind === "DaemonSet" || kind === "Node");
    const isStatic = metadata.annotations?.["kubernetes.io/config.mirror"] !== undefined;
    const over = status?.phase === "Succeeded" || status?.phase === "Failed";
    return !ofNode && !isStatic && !over;
  });
}
