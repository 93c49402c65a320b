import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createInterface } from "node:readline";
import { CONTROLLER_NAME } from "../../../src/api/metadata.ts";

/** What a run may cost: the controller's own writes to the instance and its pod, and its Events. */
export const budget = { writes: 6, events: 6 };

/** A request that changed something, as the API server logged it. */
export interface Write {
  /** Who: the controller's, or a component's, name for itself. */
  agent: string;
  verb: string;
  /** `pods`, `virtualmachines/status`. */
  resource: string;
  /** `namespace/name`. */
  object: string;
}

interface AuditEvent {
  verb: string;
  userAgent?: string;
  objectRef?: { resource: string; subresource?: string; namespace?: string; name?: string };
  responseStatus?: { code?: number };
}

/** Where the log ends now: a place to read from later, in bytes. */
export async function endOfLog(path: string): Promise<number> {
  return (await stat(path)).size;
}

/**
 * The changes that succeeded, in their order.
 * @param from in bytes, as endOfLog gives it
 */
export async function writesIn(path: string, from = 0): Promise<Write[]> {
  const found: Write[] = [];
  for await (const line of createInterface({ input: createReadStream(path, { start: from }) })) {
    if (line === "") continue;
    const { verb, userAgent, objectRef, responseStatus } = JSON.parse(line) as AuditEvent;
    if (objectRef === undefined || (responseStatus?.code ?? 500) >= 400) continue;
    found.push({ agent: programOf(userAgent), verb, ...targetOf(objectRef) });
  }
  return found;
}

/** The controller's own among them, without its Lease and its questions about rights. */
export function ownOf(writes: readonly Write[]): Write[] {
  return writes.filter(
    ({ agent, resource }) => agent === CONTROLLER_NAME && !/^leases$|accessreviews$/.test(resource),
  );
}

function programOf(userAgent = ""): string {
  return userAgent.split("/")[0] ?? "";
}

function targetOf(reference: NonNullable<AuditEvent["objectRef"]>): Pick<Write, "resource" | "object"> {
  const { resource, subresource, namespace = "", name = "" } = reference;
  return {
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    object: `${namespace}/${name}`,
  };
}

/** How many of them there are of each `verb resource`. */
export function tally(writes: readonly Write[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { verb, resource } of writes) {
    const what = `${verb} ${resource}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([a], [b]) => a.localeCompare(b)));
}
