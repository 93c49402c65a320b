import type { Client } from "../kube/client.ts";
import { pods, resourcePath } from "../kube/object.ts";
import { COMPUTE_CONTAINER } from "../launch-plan/pod-contract.ts";

/** Reads a part of a launcher pod's log. */
export type ReadLog = (namespace: string, pod: string) => Promise<string>;

/** Nodes may be busy or gone. */
const patienceMs = 5_000;
const lastLines = 300;
const firstBytes = 16 * 1024;

/** Reads the last lines of a launcher's log through the API server. */
export function launcherLog(client: Client): ReadLog {
  return partOfLog(client, { tailLines: String(lastLines) });
}

/** Reads what a launcher logged first, before its guest could write anything. */
export function launcherLogStart(client: Client): ReadLog {
  return partOfLog(client, { limitBytes: String(firstBytes) });
}

function partOfLog(client: Client, part: Record<string, string>): ReadLog {
  return async (namespace, pod) =>
    client.text(
      resourcePath(pods, namespace, pod, "log"),
      { container: COMPUTE_CONTAINER, ...part },
      AbortSignal.timeout(patienceMs),
    );
}

/** What a line of it says where the launcher wrote it; the guest's console is in the same log. */
export function launcherWords(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
