import { ClusterObstacle } from "../../api/conditions.ts";
import {
  DRAIN_STARTED_ANNOTATION,
  HEALTH_RESTART_ANNOTATION,
  REQUEST_ANNOTATION,
  TOKEN_EXPIRES_ANNOTATION,
} from "../../api/metadata.ts";
import { virtualMachines, type CoreOSCluster, type VirtualMachine } from "../../api/resources.ts";
import type { ClusterFacts, Member } from "../../guest-config/member.ts";
import { isAlreadyExists, isNotFound } from "../../kube/api-error.ts";
import type { Client } from "../../kube/client.ts";
import type { Clock } from "../../kube/clock.ts";
import type { EventRecorder } from "../../kube/events.ts";
import { Expectations } from "../../kube/expectations.ts";
import type { Logger } from "../../kube/log.ts";
import { persistentVolumeClaims, secrets } from "../../kube/object.ts";
import { isControlledBy } from "../../kube/ownership.ts";
import type { Store } from "../../kube/store.ts";
import { assertOurs, type Authority } from "./authority.ts";
import type { Guest, GuestState } from "./guest.ts";
import type { Inputs } from "./inputs.ts";
import { factsOf, memberFacts, memberMachine, memberSecret } from "./members.ts";
import type { MemberView, PlacedMember } from "./member-view.ts";
import { ignitionSecretOf, rootClaimNameOf, type MemberId } from "./names.ts";
import { ObstacleError } from "./obstacle.ts";
import { drainStartedMs, isGoing, type Step } from "./plan.ts";
import { assertRootOf, isFormerRootGone, rootClaim } from "./roots.ts";
import { timeoutsOf } from "./timeouts.ts";
import { newToken } from "./token.ts";

/** What the members of a cluster are made with. */
export interface Ground {
  cluster: CoreOSCluster;
  authority: Authority;
  inputs: Inputs;
  /** The control plane, as far as there is one, and what it said. */
  guest: Guest | undefined;
  state: GuestState;
  initialized: boolean;
  /** All of them, as they know each other by name. */
  members: readonly MemberView[];
}

export interface ActionsOptions {
  client: Client;
  machines: Store<VirtualMachine>;
  events: EventRecorder;
  clock: Clock;
  memberIgnition: (cluster: ClusterFacts, member: Member) => string;
}

/** A token lives at least this long. */
const tokenLifeMs = 3_600_000;
/** A guest that is told a token now has at least this long to join with it. */
const tokenReserveMs = 1_800_000;
/** A lost watch event may not hold up a member for longer. */
const expectationMs = 10_000;

/** Takes the steps that have been decided on; each may be taken again without harm. */
export class MemberActions {
  readonly #options: ActionsOptions;
  readonly #expectations: Expectations;

  constructor(options: ActionsOptions) {
    this.#options = options;
    this.#expectations = new Expectations(options.clock, expectationMs);
  }

  async take(step: Step, ground: Ground, log: Logger): Promise<void> {
    switch (step.do) {
      case "create":
        return this.#create(step.member, ground, log);
      case "refresh":
        return this.#refresh(step.member, ground);
      case "replace":
        return this.#replace(step.member, step.why, ground, log);
      case "restart":
        return this.#restart(step.member, step.why, ground, log);
      case "settle":
        return this.#annotate(step.member, { [HEALTH_RESTART_ANNOTATION]: null });
      case "remove":
        return this.#remove(step.member, ground, log);
      case "forget":
        return this.#forgetNode(step.member, ground);
    }
  }

  /** The Secret comes first, so that the machine's guest finds it when it boots. */
  async #create(member: PlacedMember, ground: Ground, log: Logger): Promise<void> {
    const { client, events } = this.#options;
    const { cluster } = ground;
    const expected = `${cluster.metadata.uid}/${member.name}`;
    if (this.#expectations.pendingMs(expected) > 0) return;
    if (member.keepsRoot && !(await this.#isRootReady(member, ground))) return;
    await this.#forgetNode(member, ground);
    await this.#writeSecret(member, ground);
    try {
      const machine = await client.create(virtualMachines, memberMachine(cluster, member));
      this.#expectations.expect(expected);
      if (member.keepsRoot && member.role === "Worker") await this.#makeRoot({ ...member, machine }, ground);
      log.info("member created", { member: member.name });
      const note = `created VirtualMachine ${member.name}`;
      events.record(cluster, { type: "Normal", reason: "SuccessfulCreate", action: "CreateMember", note });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      await this.#assertMachineOurs(cluster, member);
    }
  }

  async #assertMachineOurs(cluster: CoreOSCluster, { name }: MemberId): Promise<void> {
    const present = await this.#options.client.find(virtualMachines, cluster.metadata.namespace, name);
    if (present === undefined || isControlledBy(present, cluster)) return;
    throw new ObstacleError(
      ClusterObstacle.NameTaken,
      `VirtualMachine ${name} exists and does not belong to this cluster; delete it, or give the cluster another name`,
    );
  }

  /** Whether a machine can be made without finding somebody else's disk: a master's claim is there before it. */
  async #isRootReady(member: PlacedMember, ground: Ground): Promise<boolean> {
    if (member.role === "Master") {
      await this.#makeRoot(member, ground);
      return true;
    }
    const { namespace } = ground.cluster.metadata;
    const name = rootClaimNameOf(member);
    return isFormerRootGone(member, await this.#options.client.find(persistentVolumeClaims, namespace, name));
  }

  /** Makes the claim of a member's root if it is not there; tells whether it was made. */
  async #makeRoot(member: MemberView, { cluster, initialized }: Ground): Promise<boolean> {
    const { client } = this.#options;
    const owner = member.role === "Master" ? cluster : member.machine;
    if (owner === undefined) return false;
    const name = rootClaimNameOf(member);
    const present = await client.find(persistentVolumeClaims, cluster.metadata.namespace, name);
    if (present !== undefined) {
      // A master's may have been restored from a copy since.
      if (member.role === "Worker" || !initialized) assertRootOf(owner, present);
      return false;
    }
    // An empty disk under a cluster that had a state would hide the loss.
    if (member.role === "Master" && initialized) return false;
    try {
      await client.create(persistentVolumeClaims, rootClaim(cluster, member, owner));
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
    return true;
  }

  /** Also sees to the root: a controller that was killed in between may have left the machine without. */
  async #refresh(member: PlacedMember, ground: Ground): Promise<void> {
    const isNew = member.keepsRoot && (await this.#makeRoot(member, ground));
    // One that has joined before and has its root does not join again.
    const joined = member.keepsRoot && member.node !== undefined && !isNew;
    if (!(await this.#isSecretGood(member, ground, joined))) await this.#writeSecret(member, ground);
  }

  async #isSecretGood(
    member: PlacedMember,
    { cluster, initialized, state }: Ground,
    joined: boolean,
  ): Promise<boolean> {
    const name = ignitionSecretOf(member);
    const present = await this.#options.client.find(secrets, cluster.metadata.namespace, name);
    if (present === undefined) return false;
    // What the master was told of is no token of the guest's API, and before there is one no token can expire.
    if (member.role === "Master" || !initialized || joined || !state.answers) return true;
    const expires = Date.parse(present.metadata.annotations?.[TOKEN_EXPIRES_ANNOTATION] ?? "");
    return expires - this.#options.clock.now() > tokenReserveMs;
  }

  async #writeSecret(member: PlacedMember, ground: Ground): Promise<void> {
    const { client, memberIgnition } = this.#options;
    const { cluster, inputs, authority, members } = ground;
    const name = ignitionSecretOf(member);
    assertOurs(cluster, name, await client.find(secrets, cluster.metadata.namespace, name));
    const told = await this.#tokenFor(member, ground);
    // The control plane does not answer, so that it cannot mint one: the next look tries again.
    if (told === undefined) return;
    const facts = memberFacts(cluster, member, inputs, { authority, token: told.token });
    const ignition = memberIgnition(factsOf(cluster, inputs, authority, members), facts);
    await client.apply(secrets, memberSecret(cluster, member, ignition, told.expiresMs));
  }

  async #tokenFor(
    member: PlacedMember,
    { cluster, authority, guest, initialized, state }: Ground,
  ): Promise<{ token: string; expiresMs?: number } | undefined> {
    const { firstToken } = authority;
    if (!initialized) return firstToken === undefined ? undefined : { token: firstToken };
    // Its guest has read its config long ago, and waits for the Secret only to start: no API server takes this one.
    if (member.role === "Master") return { token: newToken() };
    if (guest === undefined || !state.answers) return undefined;
    const startupMs = timeoutsOf(cluster.spec).nodeStartupSeconds * 1000;
    const expiresMs = this.#options.clock.now() + Math.max(tokenLifeMs, startupMs + tokenReserveMs);
    return { token: await guest.mintToken(member.name, expiresMs), expiresMs };
  }

  async #replace(member: MemberView, why: string, ground: Ground, log: Logger): Promise<void> {
    const note = `replacing ${member.name}: ${why}`;
    log.info("member is being replaced", { member: member.name, why });
    this.#options.events.record(ground.cluster, {
      type: "Warning",
      reason: "MemberReplaced",
      action: "ReplaceMember",
      note,
    });
    if (member.role === "Worker") await this.#forgetNode(member, ground);
    await this.#deleteMachine(member);
  }

  /** The machine's own controller takes it from here. */
  async #restart(member: MemberView, why: string, ground: Ground, log: Logger): Promise<void> {
    const now = new Date(this.#options.clock.now()).toISOString();
    await this.#annotate(member, { [REQUEST_ANNOTATION]: "restart", [HEALTH_RESTART_ANNOTATION]: now });
    log.info("member is being restarted", { member: member.name, why });
    const note = `restarting ${member.name}: ${why}`;
    this.#options.events.record(ground.cluster, {
      type: "Warning",
      reason: "MemberRestarted",
      action: "RestartMember",
      note,
    });
  }

  async #annotate({ machine }: MemberView, annotations: Record<string, string | null>): Promise<void> {
    const { client, machines } = this.#options;
    if (machine === undefined) return;
    machines.observe(
      await client.mergePatch(virtualMachines, machine.metadata, { metadata: { annotations } }),
    );
  }

  /** Once a Node has begun to be drained it goes, even if it would be wanted again: its successor takes its place. */
  async #remove(member: MemberView, ground: Ground, log: Logger): Promise<void> {
    const { clock, events } = this.#options;
    const { machine } = member;
    if (machine === undefined) return;
    const since = drainStartedMs(machine);
    if (since === undefined) {
      await this.#annotate(member, { [DRAIN_STARTED_ANNOTATION]: new Date(clock.now()).toISOString() });
    }
    if (!(await this.#isDrained(member, ground, since ?? clock.now()))) return;
    await this.#forgetNode(member, ground);
    // In this order: once the machine is gone, nothing leads a controller that was killed in between to its Secret.
    await this.#deleteSecret(member, ground.cluster);
    await this.#deleteMachine(member);
    log.info("member removed", { member: member.name });
    const note = `removed ${member.name}`;
    events.record(ground.cluster, {
      type: "Normal",
      reason: "SuccessfulDelete",
      action: "RemoveMember",
      note,
    });
  }

  /** Whether nothing is left on the Node that is waited for, or has been waited for long enough. */
  async #isDrained(
    { name, node }: MemberView,
    { cluster, guest, state, initialized }: Ground,
    sinceMs: number,
  ): Promise<boolean> {
    const { drainSeconds } = timeoutsOf(cluster.spec);
    const timeIsUp = this.#options.clock.now() - sinceMs >= drainSeconds * 1000;
    if (!initialized || timeIsUp) return true;
    if (guest === undefined || !state.answers) return false;
    if (node === undefined) return true;
    return (await guest.drain(name)) === 0;
  }

  /** The guest's Node of that name, which nothing stands behind any more. */
  async #forgetNode({ name, node }: MemberView, { guest, state }: Ground): Promise<void> {
    if (node !== undefined && state.answers) await guest?.deleteNode(name);
  }

  async #deleteMachine({ machine }: MemberView): Promise<void> {
    const { client, machines } = this.#options;
    if (machine === undefined || isGoing(machine)) return;
    try {
      const deleted = await client.delete(virtualMachines, machine.metadata, { uid: machine.metadata.uid });
      if (deleted !== undefined) machines.observe(deleted);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  async #deleteSecret(member: MemberId, cluster: CoreOSCluster): Promise<void> {
    const { namespace } = cluster.metadata;
    const present = await this.#options.client.find(secrets, namespace, ignitionSecretOf(member));
    if (present === undefined || !isControlledBy(present, cluster)) return;
    try {
      await this.#options.client.delete(secrets, present.metadata, { uid: present.metadata.uid });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
