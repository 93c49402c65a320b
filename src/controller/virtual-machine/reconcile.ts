import { MachineCondition, MachineFailureReason } from "../../api/conditions.ts";
import { MACHINE_FINALIZER, REQUEST_ANNOTATION } from "../../api/metadata.ts";
import {
  virtualMachineInstances,
  virtualMachines,
  type VirtualMachine,
  type VirtualMachineInstance,
  type VirtualMachineStatus,
} from "../../api/resources.ts";
import { ApiError, isAlreadyExists, isNotFound } from "../../kube/api-error.ts";
import type { Client } from "../../kube/client.ts";
import type { Clock } from "../../kube/clock.ts";
import { updateConditions, type Condition } from "../../kube/conditions.ts";
import type { Outcome, Reconciler } from "../../kube/controller.ts";
import type { EventRecorder } from "../../kube/events.ts";
import { Expectations } from "../../kube/expectations.ts";
import type { Logger } from "../../kube/log.ts";
import { mergePatchBetween } from "../../kube/merge-patch.ts";
import { controllerRef, isControlledBy } from "../../kube/ownership.ts";
import type { Store } from "../../kube/store.ts";
import { isHeld } from "../virtual-machine-instance/held.ts";
import { decide, type Decision } from "./decide.ts";
import { heldStatus } from "./held.ts";
import { instanceOf, isOrphanOf } from "./instance.ts";
import { remembersTheSame } from "./memory.ts";
import { verdictOn } from "./request.ts";

export interface MachineReconcilerOptions {
  client: Client;
  machines: Store<VirtualMachine>;
  instances: Store<VirtualMachineInstance>;
  events: EventRecorder;
  clock: Clock;
  random: () => number;
}

/** A lost watch event may not hold up a machine for longer. */
const expectationMs = 10_000;
/** How soon a machine whose instance is refused tries again. */
const refusedMs = 30_000;
/** Set by `kubectl delete --cascade=orphan`: what the object owns shall stay. */
const orphanFinalizer = "orphan";

/** Keeps one instance for a machine while its run strategy wants one. */
export class MachineReconciler implements Reconciler {
  readonly #options: MachineReconcilerOptions;
  readonly #expectations: Expectations;

  constructor(options: MachineReconcilerOptions) {
    this.#options = options;
    this.#expectations = new Expectations(options.clock, expectationMs);
  }

  async reconcile(key: string, log: Logger): Promise<Outcome> {
    const { machines, instances, clock, random } = this.#options;
    const stored = machines.get(key);
    if (stored === undefined) return undefined;
    if (isHeld(stored)) return this.#hold(stored);
    if (stored.metadata.deletionTimestamp !== undefined) return this.#end(stored, log);
    const present = instances.get(key);
    const expectedMs = present === undefined ? this.#expectations.pendingMs(stored.metadata.uid) : 0;
    if (expectedMs > 0) return { requeueAfterMs: expectedMs };
    this.#expectations.fulfil(stored.metadata.uid);
    const kept = await this.#withFinalizer(stored);
    if (present !== undefined && !isControlledBy(present, kept)) return this.#meetStranger(kept, present);
    const machine = await this.#takeRequest(kept, present);
    const decision = decide(machine, present, clock.now(), random());
    // A refusal lasts until the instance is there.
    const status =
      decision.action === "create" ? failed(decision.status, failureOf(machine)) : decision.status;
    // What has to outlive us is stored before anything is done; the rest is written with the instance's UID.
    const storedFirst = decision.action !== "create" || !remembersTheSame(machine.status ?? {}, status);
    const known = storedFirst ? await this.#write(machine, status) : machine;
    return this.#act(known, present, decision, log);
  }

  async #hold(machine: VirtualMachine): Promise<Outcome> {
    const { instances, clock } = this.#options;
    const { namespace, name } = machine.metadata;
    const present = instances.get(`${namespace}/${name}`);
    const own = present !== undefined && isControlledBy(present, machine) ? present : undefined;
    await this.#write(machine, heldStatus(machine, own, clock.now()));
    return undefined;
  }

  async #act(
    machine: VirtualMachine,
    present: VirtualMachineInstance | undefined,
    { action, requeueAfterMs }: Decision,
    log: Logger,
  ): Promise<Outcome> {
    if (action === "create") return this.#create(machine, log);
    if (action === "delete" && present !== undefined) await this.#delete(machine, present, log);
    return requeueAfterMs === undefined ? undefined : { requeueAfterMs };
  }

  async #withFinalizer(machine: VirtualMachine): Promise<VirtualMachine> {
    const { finalizers = [], resourceVersion } = machine.metadata;
    if (finalizers.includes(MACHINE_FINALIZER)) return machine;
    const metadata = { resourceVersion, finalizers: [...finalizers, MACHINE_FINALIZER] };
    return this.#patched(machine, { metadata });
  }

  /** The request is in the status before its annotation goes, and nothing is done about it before that. */
  async #takeRequest(
    machine: VirtualMachine,
    present: VirtualMachineInstance | undefined,
  ): Promise<VirtualMachine> {
    const verdict = verdictOn(machine, present, this.#options.clock.now());
    if (verdict === undefined) return machine;
    const { resourceVersion } = (await this.#write(machine, verdict.status)).metadata;
    const annotations = { [REQUEST_ANNOTATION]: null };
    const taken = await this.#patched(machine, { metadata: { resourceVersion, annotations } });
    this.#options.events.record(machine, verdict.event);
    return taken;
  }

  async #create(machine: VirtualMachine, log: Logger): Promise<Outcome> {
    const { client, events, clock, random } = this.#options;
    try {
      const instance = await client.create(virtualMachineInstances, instanceOf(machine));
      this.#expectations.expect(machine.metadata.uid);
      log.info("instance created", { uid: instance.metadata.uid });
      const note = `created VirtualMachineInstance ${instance.metadata.name}`;
      events.record(machine, { type: "Normal", reason: "SuccessfulCreate", action: "CreateInstance", note });
      await this.#write(machine, decide(machine, instance, clock.now(), random()).status);
      return undefined;
    } catch (error) {
      // The store is behind: the watch will tell of the instance that is there.
      if (isAlreadyExists(error)) return { requeueAfterMs: 1_000 };
      if (!(error instanceof ApiError) || (error.code !== 422 && error.code !== 403)) throw error;
      return this.#fail(machine, MachineFailureReason.InstanceRefused, error.message, refusedMs);
    }
  }

  async #delete(machine: VirtualMachine, instance: VirtualMachineInstance, log: Logger): Promise<void> {
    const { client, events, instances } = this.#options;
    const { uid, name } = instance.metadata;
    try {
      const deleted = await client.delete(virtualMachineInstances, instance.metadata, { uid });
      if (deleted !== undefined) instances.observe(deleted);
      log.info("instance deleted", { uid });
      const note = `deleted VirtualMachineInstance ${name}`;
      events.record(machine, { type: "Normal", reason: "SuccessfulDelete", action: "DeleteInstance", note });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** An instance of the machine's name that it does not own: adopted if it was orphaned by a machine of that name. */
  async #meetStranger(machine: VirtualMachine, instance: VirtualMachineInstance): Promise<Outcome> {
    const { client, instances } = this.#options;
    if (isOrphanOf(machine, instance)) {
      const { resourceVersion, ownerReferences = [] } = instance.metadata;
      const metadata = { resourceVersion, ownerReferences: [...ownerReferences, controllerRef(machine)] };
      instances.observe(await client.mergePatch(virtualMachineInstances, instance.metadata, { metadata }));
      return { requeueAfterMs: 1 };
    }
    const message =
      `VirtualMachineInstance ${instance.metadata.name} exists and does not belong to this machine; ` +
      "delete it, or give the machine another name";
    return this.#fail(machine, MachineFailureReason.InstanceNameTaken, message, undefined);
  }

  async #fail(
    machine: VirtualMachine,
    reason: string,
    message: string,
    requeueAfterMs: number | undefined,
  ): Promise<Outcome> {
    const { clock, events } = this.#options;
    const known = failureOf(machine);
    const { status } = decide(machine, undefined, clock.now(), 0);
    const failure = { type: MachineCondition.Failure, status: "True", reason, message } as const;
    const [condition] = updateConditions(
      machine.status?.conditions,
      [failure],
      machine.metadata.generation,
      new Date(clock.now()).toISOString(),
    );
    await this.#write(machine, failed({ ...status, created: false }, condition));
    if (known?.message !== message) {
      events.record(machine, { type: "Warning", reason, action: "CreateInstance", note: message });
    }
    return requeueAfterMs === undefined ? undefined : { requeueAfterMs };
  }

  /** The machine is being deleted: its instance goes first, unless it shall stay. */
  async #end(machine: VirtualMachine, log: Logger): Promise<Outcome> {
    const { finalizers = [], resourceVersion } = machine.metadata;
    if (!finalizers.includes(MACHINE_FINALIZER)) return undefined;
    const instance = finalizers.includes(orphanFinalizer) ? undefined : await this.#ownInstance(machine);
    if (instance !== undefined) {
      if (instance.metadata.deletionTimestamp === undefined) await this.#delete(machine, instance, log);
      await this.#write(machine, { ...machine.status, printableStatus: "Terminating" });
      return undefined;
    }
    try {
      const rest = finalizers.filter((finalizer) => finalizer !== MACHINE_FINALIZER);
      await this.#patched(machine, { metadata: { resourceVersion, finalizers: rest } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    return undefined;
  }

  /** An instance that the watch has not told of yet, or whose creation was never answered, only the API server knows. */
  async #ownInstance(machine: VirtualMachine): Promise<VirtualMachineInstance | undefined> {
    const { client, instances } = this.#options;
    const { namespace, name } = machine.metadata;
    const held = instances.get(`${namespace}/${name}`);
    if (held !== undefined && isControlledBy(held, machine)) return held;
    const found = await client.find(virtualMachineInstances, namespace, name);
    return found !== undefined && isControlledBy(found, machine) ? found : undefined;
  }

  async #write(machine: VirtualMachine, status: VirtualMachineStatus): Promise<VirtualMachine> {
    const { resourceVersion } = machine.metadata;
    const changes = mergePatchBetween(machine.status ?? {}, status);
    if (changes === undefined) return machine;
    return this.#patched(machine, { metadata: { resourceVersion }, status: changes }, "status");
  }

  async #patched(machine: VirtualMachine, patch: object, subresource?: "status"): Promise<VirtualMachine> {
    const { client, machines } = this.#options;
    const patched = await client.mergePatch(virtualMachines, machine.metadata, patch, subresource);
    machines.observe(patched);
    return patched;
  }
}

function failureOf(machine: VirtualMachine): Condition | undefined {
  return machine.status?.conditions?.find(({ type }) => type === MachineCondition.Failure);
}

function failed(status: VirtualMachineStatus, failure: Condition | undefined): VirtualMachineStatus {
  if (failure === undefined) return status;
  return { ...status, printableStatus: "Error", conditions: [...(status.conditions ?? []), failure] };
}
