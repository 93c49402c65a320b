import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { controllerOf } from "../../../src/kube/ownership.ts";
import { tally, type Write } from "./audit.ts";
import { eventually } from "./cluster.ts";
import type { Fleet } from "./fleet.ts";

/** What a life costs the API server, of the controller's own writes. */
const budget = { writes: 6, events: 6 };

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
    await eventually(
      "each has been looked at",
      async () => ((await reconciled(fleet())) >= count ? true : undefined),
      patienceMs,
    );
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
    assert.ok(costs.instance <= budget.writes, `${String(costs.instance)} writes a life`);
    assert.ok(costs.events <= budget.events, `${String(costs.events)} Events a life`);
  });
}

/** Own writes a life: to the instance and its pod, to the machine (its orders to make and end the instance with it), Events. */
export function costsOf(
  writes: readonly Write[],
  lives: number,
): { instance: number; machine: number; events: number } {
  const share = (wanted: (write: Write) => boolean): number => writes.filter(wanted).length / lives;
  const isEvent = ({ resource }: Write): boolean => resource === "events";
  const isOrder = ({ verb, resource }: Write): boolean =>
    resource === "virtualmachineinstances" && (verb === "create" || verb === "delete");
  const ofMachine = (write: Write): boolean => write.resource.startsWith("virtualmachines") || isOrder(write);
  return {
    instance: share((write) => !isEvent(write) && !ofMachine(write)),
    machine: share(ofMachine),
    events: share(isEvent),
  };
}

/**
 * Waits until nothing has been reconciled, and nothing created, for a while: statuses may settle for a second, and Events
 * are written one after the other.
 */
export async function settled(fleet: Fleet): Promise<void> {
  let last = "";
  let since = Date.now();
  await eventually(
    "the controller has settled",
    async () => {
      const posts = await fleet.sum('rest_client_requests_total{method="POST"');
      const now = `${String(await reconciled(fleet))} ${String(posts)}`;
      if (now !== last) [last, since] = [now, Date.now()];
      return Date.now() - since > 3_000 ? true : undefined;
    },
    120_000,
  );
}

async function reconciled(fleet: Fleet): Promise<number> {
  return fleet.metric('controller_runtime_reconcile_time_seconds_count{controller="virtualmachineinstance"}');
}
