import assert from "node:assert/strict";
import { eventually } from "./eventually.ts";
import type { Kubectl } from "./kubectl.ts";
import type { Instance, Pod } from "./objects.ts";

const isEnd = (phase: string): boolean => phase === "Failed" || phase === "Succeeded";

/**
 * Waits for a phase; an end that is not the one awaited fails at once, with its reason. kubectl watches meanwhile: each
 * start of it costs a sixth of a second of the processor that the guest wants.
 */
export async function waitForPhase(
  kubectl: Kubectl,
  name: string,
  phase: string,
  timeoutMs = 60_000,
): Promise<Instance> {
  const deadline = performance.now() + timeoutMs;
  const isWanted = (now: string): boolean => now === phase || isEnd(now);
  let ended: Error | undefined;
  const found = await eventually(async () => {
    await kubectl.watch(`vmi/${name}`, "{.status.phase}", isWanted, deadline - performance.now());
    const instance = await kubectl.get<Instance>("vmi", name);
    const now = instance.status?.phase ?? "none";
    const problem = new Error(`${name} is ${now}, not ${phase}: ${JSON.stringify(instance.status)}`);
    if (now === phase) return instance;
    if (!isEnd(now)) throw problem;
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
