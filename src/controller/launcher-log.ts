import type { Client } from "../kube/client.ts";
import { pods, resourcePath } from "../kube/object.ts";
import { COMPUTE_CONTAINER } from "../launch-plan/pod-contract.ts";

/** Reads the end of a launcher pod's log. */
export type ReadLog = (namespace: string, pod: string) => Promise<string>;

/** Nodes may be busy or gone. */
const patienceMs = 5_000;
const lastLines = 300;

/** Reads the last lines of a launcher's log through the API server. */
export function launcherLog(client: Client): ReadLog {
  return async (namespace, pod) =>
    client.text(
      resourcePath(pods, namespace, pod, "log"),
      { container: COMPUTE_CONTAINER, tailLines: String(lastLines) },
      AbortSignal.timeout(patienceMs),
    );
}
