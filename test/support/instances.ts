import assert from "node:assert/strict";
import { eventually } from "./eventually.ts";
import type { Kubectl } from "./kubectl.ts";
import type { Instance, Pod } from "./objects.ts";

/** Waits for a phase; an end that is not the one awaited fails at once, with its reason. */
export async function waitForPhase(
  kubectl: Kubectl,
  name: string,
  phase: string,
  timeoutMs = 60_000,
): Promise<Instance> {
  let ended: Error | undefined;
  const found = await eventually(async () => {
    const instance = await kubectl.get<Instance>("vmi", name);
    const now = instance.status?.phase ?? "none";
    const problem = new Error(`${name} is ${now}, not ${phase}: ${JSON.stringify(instance.status)}`);
    if (now === phase) return instance;
    if (now !== "Failed" && now !== "Succeeded") throw problem;
    ended = problem;
    return instance;
  }, timeoutMs);
  if (ended !== undefined) throw ended;
  return found;
}

/** The one launcher pod of an instance; none or several is an error. */
export async function launcherPodOf(kubectl: Kubectl, name: string): Promise<Pod> {
  const pods = await kubectl.list<Pod>("pods", "-l", `nestlet.dev/virtual-machine-instance=${name}`);
  assert.equal(pods.length, 1, `${name} has ${pods.length} pods`);
  return pods[0] as Pod;
}

/** Notes of the Events about an object, `Reason: note`, in no order. */
export async function eventsOf(kubectl: Kubectl, kind: string, name: string): Promise<string[]> {
  const selector = `involvedObject.kind=${kind},involvedObject.name=${name}`;
  const events = await kubectl.list<{ reason: string; message: string }>(
    "events",
    "--field-selector",
    selector,
  );
  return events.map(({ reason, message }) => `${reason}: ${message}`);
}
