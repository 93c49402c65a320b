import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { controllerOf } from "../../../src/kube/ownership.ts";
import { budget, tally, type Write } from "./audit.ts";
import type { Fleet } from "./fleet.ts";
import { machineOf } from "./pod-history.ts";

/**
 * Beyond the budget, in a life that takes its time: that the pod has a node, that the launcher has started, and that
 * the guest is being shut down are told where they last.
 */
const slowLife = 3;

/**
 * The tests of a fleet of this many machines, each going on where the last one ended. They assert counts, never times.
 * @param patienceMs how long the slowest step may take
 */
export function fleetTests(fleet: () => Fleet, count: number, patienceMs: number): void {
  it(`all run, each in one pod`, async () => {
    await fleet().startController();
    await fleet().create(0, count);
    await fleet().running(count, patienceMs);
    const instances = await fleet().instances();
    assert.equal(instances.length, count);
    assert.deepEqual(new Set(instances.map(({ status }) => status?.phase)), new Set(["Running"]));
    const owners = (await fleet().pods()).map((pod) => controllerOf(pod)?.uid);
    assert.equal(owners.length, count);
    assert.deepEqual(new Set(owners), new Set(instances.map(({ metadata }) => metadata.uid)));
  });

  it("cost nothing while nothing happens", async () => {
    await settled(fleet());
    const mark = await fleet().mark();
    await sleep(5_000);
    assert.deepEqual(tally(await fleet().ownWrites(mark)), {});
  });

  it("cost nothing when the controller starts anew", async () => {
    const mark = await fleet().mark();
    // It gives its Lease up; after a kill the next one would wait for that to expire.
    await fleet().controller.terminate();
    await fleet().startController();
    const all = async (): Promise<true | undefined> =>
      (await reconciled(fleet())) >= count ? true : undefined;
    await fleet().until("each has been looked at", all, patienceMs);
    await settled(fleet());
    assert.deepEqual(tally(await fleet().ownWrites(mark)), {});
  });

  it("go without a trace, each life within its budget", async () => {
    await fleet().remove(0, count);
    await fleet().gone(patienceMs);
    await settled(fleet());
    const writes = await fleet().ownWrites();
    const made = writes.filter(({ verb, resource }) => verb === "create" && resource === "pods");
    assert.equal(made.length, count);
    assert.equal(new Set(made.map(({ object }) => object)).size, count);
    const costs = costsOf(writes, count);
    console.log(`      a life costs ${JSON.stringify(costs)} in ${JSON.stringify(tally(writes))}`);
    const lives = instanceWritesOf(writes);
    assert.equal(lives.length, count);
    const [median = 0, most = 0] = [lives[Math.floor(count / 2)], lives.at(-1)];
    assert.ok(median <= budget.writes, `${String(median)} writes in the middle one of all lives`);
    assert.ok(most <= budget.writes + slowLife, `${String(most)} writes in one life`);
    assert.ok(costs.events <= budget.events, `${String(costs.events)} Events a life`);
  });
}

/** How many writes each instance's life took, from few to many: to itself and its pod, the machine's orders left out. */
function instanceWritesOf(writes: readonly Write[]): number[] {
  const counts = new Map<string, number>();
  for (const { object } of writes.filter((write) => !isEvent(write) && !isOfMachine(write))) {
    const [, name = ""] = object.split("/");
    const machine = machineOf(name);
    counts.set(machine, (counts.get(machine) ?? 0) + 1);
  }
  return [...counts.values()].sort((a, b) => a - b);
}

const isEvent = ({ resource }: Write): boolean => resource === "events";

/** To the machine, or its orders to make and end the instance. */
function isOfMachine({ verb, resource }: Write): boolean {
  if (resource === "virtualmachineinstances") return verb === "create" || verb === "delete";
  return resource.startsWith("virtualmachines");
}

/** Own writes a life: to the instance and its pod, to the machine (its orders to make and end the instance with it), Events. */
export function costsOf(
  writes: readonly Write[],
  lives: number,
): { instance: number; machine: number; events: number } {
  const share = (wanted: (write: Write) => boolean): number => writes.filter(wanted).length / lives;
  return {
    instance: share((write) => !isEvent(write) && !isOfMachine(write)),
    machine: share(isOfMachine),
    events: share(isEvent),
  };
}

/** Longer than a status may settle. */
const quietMs = 4_000;

/** Waits until nothing has been reconciled, and nothing created, for a while: Events are written one after the other. */
export async function settled(fleet: Fleet): Promise<void> {
  let last = "";
  let since = Date.now();
  const still = async (): Promise<true | undefined> => {
    const posts = await fleet.sum('rest_client_requests_total{method="POST"');
    const now = `${String(await reconciled(fleet))} ${String(posts)}`;
    if (now !== last) [last, since] = [now, Date.now()];
    return Date.now() - since > quietMs ? true : undefined;
  };
  await fleet.until("the controller has settled", still, 300_000);
}

async function reconciled(fleet: Fleet): Promise<number> {
  return fleet.metric('controller_runtime_reconcile_time_seconds_count{controller="virtualmachineinstance"}');
}
