import { ClusterCondition, ClusterReason, InstanceCondition } from "../../api/conditions.ts";
import { CLUSTER_LABEL, POOL_LABEL, ROLE_LABEL } from "../../api/metadata.ts";
import type { ClusterStatus, CoreOSCluster } from "../../api/resources.ts";
import { updateConditions, type ConditionState } from "../../kube/conditions.ts";
import type { Source } from "./catalog.ts";
import { endpointVerdict, internalAddress, type Endpoint } from "./endpoint.ts";
import type { GuestState } from "./guest.ts";
import type { ManifestsVerdict } from "./manifests.ts";
import type { Obstacle } from "./obstacle.ts";
import type { MemberView } from "./member-view.ts";
import {
  endOf,
  hasBooted,
  isGoing,
  isHeld,
  isMasterLost,
  isOver,
  isTokenRefused,
  runningSinceMs,
} from "./plan.ts";
import { timeoutsOf } from "./timeouts.ts";

/** All that a status is made from. */
export interface Found {
  members: readonly MemberView[];
  guest: GuestState;
  /** As found in this look; absent: as stored. */
  source?: Source;
  /** Absent while it is not known. */
  endpoint?: Endpoint;
  /** Absent while it is not known, or where there are none. */
  manifests?: ManifestsVerdict;
  obstacle?: Obstacle;
  nowMs: number;
}

type Verdict = Omit<ConditionState, "type">;

/** What has come of the cluster. */
export function statusOf(cluster: CoreOSCluster, found: Found): ClusterStatus {
  const { metadata, status = {} } = cluster;
  const { guest, members, nowMs } = found;
  const initialized = (status.initialized ?? false) || guest.answers;
  const facts: Facts = { ...found, cluster, initialized, lost: isMasterLost(initialized, members) };
  const verdicts: [string, Verdict][] = [
    [ClusterCondition.InfrastructureReady, infrastructureOf(facts)],
    [ClusterCondition.ControlPlaneInitialized, initializedOf(facts)],
    [ClusterCondition.ControlPlaneReady, controlPlaneOf(facts)],
    [ClusterCondition.WorkersReady, workersOf(facts)],
  ];
  const ready = readyOf(verdicts, facts);
  const asides = asidesOf(facts);
  const states = [[ClusterCondition.Ready, ready] as const, ...verdicts, ...asides].map(
    ([type, verdict]) => ({
      type,
      ...verdict,
    }),
  );
  const version = guest.version ?? status.version;
  const source = found.source ?? status.source;
  const { generation } = metadata;
  return {
    initialized,
    ...(version === undefined ? {} : { version }),
    ...(source === undefined ? {} : { source }),
    endpoint: addressesOf(facts),
    controlPlane: countsOf(members, "Master"),
    workers: countsOf(members, "Worker"),
    ...poolsOf(facts),
    selector: `${CLUSTER_LABEL}=${metadata.name},${ROLE_LABEL}=worker,!${POOL_LABEL}`,
    nextStep: nextStepOf(facts, [...verdicts, ...asides]),
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    conditions: updateConditions(status.conditions, states, generation, new Date(nowMs).toISOString()),
  };
}

interface Facts extends Found {
  cluster: CoreOSCluster;
  initialized: boolean;
  lost: boolean;
}

/** What a cluster can be Ready without. What is not known now stays as it was. */
function asidesOf({ cluster, endpoint, manifests }: Facts): [string, Verdict][] {
  const exposed = endpoint === undefined ? undefined : endpointVerdict(cluster, endpoint);
  const verdicts: [string, Verdict | undefined][] = [
    [ClusterCondition.EndpointReady, exposed ?? verdictBefore(cluster, ClusterCondition.EndpointReady)],
  ];
  if ((cluster.spec.manifests ?? []).length > 0) {
    const type = ClusterCondition.ManifestsApplied;
    verdicts.push([type, manifests ?? verdictBefore(cluster, type)]);
  }
  return verdicts.flatMap(([type, verdict]): [string, Verdict][] =>
    verdict === undefined ? [] : [[type, verdict]],
  );
}

function verdictBefore({ status: before }: CoreOSCluster, type: string): Verdict | undefined {
  const known = before?.conditions?.find((condition) => condition.type === type);
  return known === undefined
    ? undefined
    : { status: known.status, reason: known.reason, message: known.message };
}

function addressesOf({ cluster, endpoint }: Facts): NonNullable<ClusterStatus["endpoint"]> {
  const external = endpoint === undefined ? cluster.status?.endpoint?.external : endpoint.external;
  return { ...internalAddress(cluster), ...(external === undefined ? {} : { external }) };
}

function infrastructureOf({ obstacle, members }: Facts): Verdict {
  if (obstacle !== undefined) return no(obstacle.reason, obstacle.message);
  const wanted = members.filter((member) => member.wanted);
  const failing = wanted.flatMap((member) => failureOf(member) ?? []);
  if (failing.length > 0) return no(ClusterReason.MemberFailed, failing.slice(0, 5).join("; "));
  const waiting = wanted.filter((member) => !runs(member)).map(({ name }) => name);
  return waiting.length === 0
    ? yes(ClusterReason.MembersRunning)
    : no(ClusterReason.MembersStarting, `not running yet: ${waiting.slice(0, 10).join(", ")}`);
}

/** What keeps a member from running, in its instance's words. */
function failureOf({ name, machine, instance }: MemberView): string | undefined {
  if (machine === undefined || isGoing(machine)) return undefined;
  const { reason, message = "", phase } = instance?.status ?? {};
  if (reason !== undefined && phase !== "Running" && phase !== "Succeeded") {
    return [name, reason, message].filter((part) => part !== "").join(": ");
  }
  return isOver(machine) ? `${name}: ${endOf(machine)}` : undefined;
}

function runs({ machine, instance }: MemberView): boolean {
  if (machine === undefined || isGoing(machine)) return false;
  const ready = instance?.status?.conditions?.find(({ type }) => type === InstanceCondition.Ready);
  return ready?.status === "True";
}

function initializedOf({ initialized, members, cluster, nowMs, guest }: Facts): Verdict {
  if (initialized) return yes(ClusterReason.Initialized);
  const master = members.find(({ role }) => role === "Master");
  const sinceMs = runningSinceMs(master?.instance);
  if (sinceMs === undefined) return no(ClusterReason.Initializing, "the master does not run yet");
  const failure = bootstrapWords(master, cluster);
  if (failure !== undefined) return no(ClusterReason.BootstrapFailed, failure);
  const limitSeconds = timeoutsOf(cluster.spec).controlPlaneSeconds;
  if (nowMs - sinceMs > limitSeconds * 1000) {
    return no(
      ClusterReason.InitializationTimedOut,
      `the control plane has not answered within ${String(limitSeconds)} seconds of the master's start; ` +
        `see the master's console. Last answer: ${guest.message}`,
    );
  }
  return no(ClusterReason.Initializing, "kubeadm is setting up the control plane on the master");
}

function controlPlaneOf(facts: Facts): Verdict {
  const { lost, guest, members, initialized } = facts;
  const master = members.find(({ role }) => role === "Master");
  if (lost) return no(ClusterReason.MasterLost, lossOf(master));
  if (!initialized) return no(ClusterReason.Initializing, "the control plane has not answered yet");
  if (!guest.answers) {
    return awayVerdict(facts, master) ?? no(ClusterReason.ControlPlaneSilent, guest.message);
  }
  const masters = members.filter(({ role, wanted }) => role === "Master" && wanted);
  const waiting = masters.filter(({ node }) => node?.ready !== true);
  return waiting.length === 0
    ? yes(ClusterReason.ControlPlaneAnswers)
    : no(ClusterReason.NodeNotReady, waiting.map(nodeWords).join("; "));
}

function lossOf(master: MemberView | undefined): string {
  if (master?.rootLoss !== undefined) {
    return (
      `the state of the cluster was on the only master's root disk: ${master.rootLoss}; restore it from a copy, ` +
      "or delete the cluster and apply it again"
    );
  }
  return (
    "the only master's guest has ended, and the state of the cluster was on its ephemeral root disk; it cannot be " +
    "brought back: delete the cluster and apply it again"
  );
}

/** What is said of a master with its root kept that is away, or has come back and does not answer yet. */
function awayVerdict(facts: Facts, master: MemberView | undefined): Verdict | undefined {
  if (master?.keepsRoot !== true) return undefined;
  const { name } = master;
  if (isHeld(master)) {
    return no(ClusterReason.ControlPlaneStopped, stoppedWords(name));
  }
  const restarting = `${name} starts again with the root disk that it had`;
  if (master.instance?.status?.phase !== "Running") {
    const failure = failureOf(master);
    return no(
      ClusterReason.ControlPlaneRestarting,
      failure === undefined ? restarting : `${restarting}: ${failure}`,
    );
  }
  return isComingBack(facts, master)
    ? no(ClusterReason.ControlPlaneRestarting, `${restarting}; last answer: ${facts.guest.message}`)
    : undefined;
}

function stoppedWords(name: string): string {
  return `VirtualMachine ${name} is stopped; its root disk is kept: set its runStrategy to Always to start it`;
}

/** Whether the control plane has not answered since the master's present run began, and may still take its time. */
function isComingBack({ cluster, nowMs }: Facts, { instance }: MemberView): boolean {
  const sinceMs = runningSinceMs(instance);
  const limitMs = timeoutsOf(cluster.spec).controlPlaneSeconds * 1000;
  if (sinceMs === undefined || nowMs - sinceMs > limitMs) return false;
  const before = cluster.status?.conditions?.find(({ type }) => type === ClusterCondition.ControlPlaneReady);
  if (before === undefined || isAway(before.reason)) return true;
  // Nobody saw it going.
  return before.status === "True" && Date.parse(before.lastTransitionTime) < sinceMs;
}

function workersOf({ lost, guest, members, initialized, cluster }: Facts): Verdict {
  const workers = members.filter(({ role, wanted }) => role === "Worker" && wanted);
  const going = members.filter(({ role, wanted }) => role === "Worker" && !wanted);
  if (lost || (initialized && !guest.answers)) {
    const message = "the control plane does not answer, so that nothing is known of the Nodes";
    return { status: "Unknown", reason: ClusterReason.ControlPlaneSilent, message };
  }
  const waiting = workers.filter(({ node }) => node?.ready !== true);
  if (waiting.length === 0) {
    const message = going.length === 0 ? "" : `being removed: ${going.map(({ name }) => name).join(", ")}`;
    return { ...yes(ClusterReason.WorkersReady), message };
  }
  const failing = waiting.flatMap((member) => bootstrapWords(member, cluster) ?? []);
  if (failing.length > 0) return no(ClusterReason.BootstrapFailed, failing.slice(0, 3).join("; "));
  const told = waiting.slice(0, 10).map(nodeWords).join("; ");
  const joined = waiting.some(({ node }) => node !== undefined);
  return no(joined ? ClusterReason.WorkersNotReady : ClusterReason.WorkersStarting, told);
}

function nodeWords(member: MemberView): string {
  const { name, node } = member;
  if (isHeld(member)) return stoppedWords(name);
  return node === undefined ? `${name} has not joined yet` : `${name}: ${node.message}`;
}

/** How kubeadm fails on a member, in its words as the console has them; undefined when it does not. */
function bootstrapWords(member: MemberView | undefined, { spec }: CoreOSCluster): string | undefined {
  const { name, bootstrap } = member ?? {};
  if (name === undefined || bootstrap?.outcome !== "failed") return undefined;
  if (!isTokenRefused(bootstrap)) return `kubeadm fails on ${name} and is tried again: ${bootstrap.words}`;
  const remedy =
    spec.health?.maxReplacements === 0
      ? `spec.health.maxReplacements is 0: delete VirtualMachine ${name} to have it replaced`
      : "a machine with a new token will take its place";
  return `the bootstrap token of ${name} has expired or is gone; ${remedy}: ${bootstrap.words}`;
}

/** The first thing that is amiss decides, but a master that is away explains the rest. */
function readyOf(verdicts: readonly [string, Verdict][], { lost, obstacle }: Facts): Verdict {
  const away = verdicts.some(([, { reason }]) => isAway(reason));
  const order =
    lost || (away && obstacle === undefined)
      ? [...verdicts].sort(([type]) => (type === ClusterCondition.ControlPlaneReady ? -1 : 0))
      : verdicts;
  const amiss = order.find(([, { status }]) => status !== "True");
  return amiss === undefined ? yes(ClusterReason.ClusterReady) : { ...amiss[1], status: "False" };
}

function isAway(reason: string): boolean {
  return reason === ClusterReason.ControlPlaneRestarting || reason === ClusterReason.ControlPlaneStopped;
}

function nextStepOf(
  { lost, obstacle, initialized, members, cluster }: Facts,
  verdicts: readonly [string, Verdict][],
): string {
  if (obstacle !== undefined) return `waiting: ${obstacle.message}`.slice(0, 1024);
  if (lost) {
    const isKept = members.some(({ rootLoss }) => rootLoss !== undefined);
    return `none: ${isKept ? "restore the master's claim, or " : ""}delete the cluster and apply it again`;
  }
  const going = members.filter(({ wanted, machine }) => !wanted && machine !== undefined);
  if (going.length > 0)
    return `draining and removing ${going.map(({ name }) => name).join(", ")}`.slice(0, 1024);
  const booting = members
    .filter((member) => member.wanted && !hasBooted(member) && !isHeld(member))
    .map(({ name }) => name);
  if (booting.length > 0) return `starting ${booting.join(", ")}`.slice(0, 1024);
  if (!initialized) {
    const failure = bootstrapWords(
      members.find(({ role }) => role === "Master"),
      cluster,
    );
    return (failure ?? "waiting for the control plane to answer").slice(0, 1024);
  }
  const amiss = verdicts.find(([, { status }]) => status !== "True");
  return (amiss === undefined ? "none: the cluster is ready" : `waiting: ${amiss[1].message}`).slice(0, 1024);
}

function countsOf(
  members: readonly MemberView[],
  role: MemberView["role"],
  pool?: string,
): { replicas: number; readyReplicas: number } {
  const group = members.filter((member) => member.role === role && member.pool === pool);
  const present = group.filter(({ machine }) => machine !== undefined);
  const ready = present.filter(({ wanted, node }) => wanted && node?.ready === true);
  return { replicas: present.length, readyReplicas: ready.length };
}

/** Pools that are removed from the spec stay until none of their members is left. */
function poolsOf({ cluster, members, guest, initialized }: Facts): Pick<ClusterStatus, "pools"> {
  const before = cluster.status?.pools ?? [];
  const asked = (cluster.spec.pools ?? []).map(({ name }) => name);
  // While the control plane is silent nobody knows whether a Node of theirs is left.
  const isLeft = (name: string): boolean =>
    members.some(({ pool }) => pool === name) || (initialized && !guest.answers);
  const going = before.map(({ name }) => name).filter((name) => !asked.includes(name) && isLeft(name));
  const pools = [...asked, ...going].map((name) => ({
    name,
    ...countsOf(members, "Worker", name),
    lanNumbers: lanNumbersOf(name, members, before.find((pool) => pool.name === name)?.lanNumbers ?? []),
  }));
  return pools.length > 0 ? { pools } : {};
}

/** By the members' indexes; 0 for one that has none. Former members' numbers are kept until others need them. */
function lanNumbersOf(pool: string, members: readonly MemberView[], before: readonly number[]): number[] {
  const [own, others] = [new Map<number, number>(), new Set<number>()];
  for (const member of members) {
    if (member.number === undefined) continue;
    if (member.pool === pool) own.set(member.index, member.number);
    else others.add(member.number);
  }
  const taken = new Set([...own.values(), ...others]);
  const length = Math.max(before.length, ...[...own.keys()].map((index) => index + 1));
  return Array.from({ length }, (_, index) => {
    const former = before[index] ?? 0;
    return own.get(index) ?? (taken.has(former) ? 0 : former);
  });
}

function yes(reason: string): Verdict {
  return { status: "True", reason, message: "" };
}

function no(reason: string, message: string): Verdict {
  return { status: "False", reason, message: message.slice(0, 8192) };
}
