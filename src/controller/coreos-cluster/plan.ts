import { DRAIN_STARTED_ANNOTATION, HEALTH_RESTART_ANNOTATION } from "../../api/metadata.ts";
import type { CoreOSCluster, VirtualMachine, VirtualMachineInstance } from "../../api/resources.ts";
import type { SeenReport } from "./consoles.ts";
import type { GuestNode, GuestState } from "./guest.ts";
import { withLanNumbers } from "./lan-numbers.ts";
import type { MemberView, PlacedMember } from "./member-view.ts";
import { memberNamed, memberOf, poolMemberOf, type MemberId } from "./names.ts";
import { rootClaimIn, wantsKeptRoot } from "./roots.ts";
import { timeoutsOf } from "./timeouts.ts";

/** What to do about one member. */
export type Step =
  | { do: "create"; member: PlacedMember }
  /** Its Ignition Secret has to be there, with a token that is still good: its guest has not read it yet. */
  | { do: "refresh"; member: PlacedMember }
  /** Its machine goes, so that another of its name can come. */
  | { do: "replace"; member: MemberView; why: string }
  /** It keeps its root, and starts anew with it. */
  | { do: "restart"; member: MemberView; why: string }
  /** A restart has helped. */
  | { do: "settle"; member: MemberView }
  /** Drained, then gone for good. */
  | { do: "remove"; member: MemberView }
  /** No machine has this name any more. */
  | { do: "forget"; member: MemberView };

/** A member whose run has ended gets its successor no sooner than this after its own creation. */
export const replaceIntervalMs = 60_000;

/** A control plane that has only just come up may not know its tokens yet. */
const tokenPatienceMs = 120_000;

/** The members that are, and those that should be, in their order. */
export function membersOf(
  cluster: CoreOSCluster,
  machines: readonly VirtualMachine[],
  instanceOf: (name: string) => VirtualMachineInstance | undefined,
  nodes: readonly GuestNode[] = [],
): MemberView[] {
  const { name } = cluster.metadata;
  const wanted = wantedOf(cluster);
  const names = new Set(wanted.map((id) => id.name));
  // A machine of ours is a member even if nothing else tells of its pool any more; a Node may be anybody's.
  const pools = new Set(poolsOf(cluster));
  const others = [
    ...machines.map(({ metadata }) => memberNamed(name, metadata.name, () => true)),
    ...nodes.map((node) => memberNamed(name, node.name, (pool) => pools.has(pool))),
  ]
    .filter((id) => id !== undefined)
    .filter((id, at, all) => !names.has(id.name) && all.findIndex((one) => one.name === id.name) === at)
    .sort((one, other) => one.index - other.index);
  const members = [...wanted, ...others].map((id): MemberView => {
    const machine = machines.find(({ metadata }) => metadata.name === id.name);
    const instance = machine === undefined ? undefined : instanceOf(id.name);
    const node = nodes.find((one) => one.name === id.name);
    return {
      ...id,
      wanted: names.has(id.name),
      keepsRoot: machine === undefined ? wantsKeptRoot(cluster, id) : rootClaimIn(machine) !== undefined,
      ...(machine === undefined ? {} : { machine }),
      ...(instance === undefined ? {} : { instance }),
      ...(node === undefined ? {} : { node }),
    };
  });
  return withLanNumbers(cluster, members);
}

/** The places that the spec asks to be filled. */
function wantedOf({ metadata: { name }, spec }: CoreOSCluster): MemberId[] {
  const { controlPlane, workers, pools = [] } = spec;
  return [
    ...places(controlPlane?.replicas ?? 1, (index) => memberOf(name, "Master", index)),
    ...places(workers?.replicas ?? 3, (index) => memberOf(name, "Worker", index)),
    ...pools.flatMap((pool) => places(pool.replicas ?? 1, (index) => poolMemberOf(name, pool.name, index))),
  ];
}

function places(count: number, place: (index: number) => MemberId): MemberId[] {
  return Array.from({ length: count }, (_, index) => place(index));
}

/** Names of the pools that there are, and of those whose members may not all be gone yet. */
function poolsOf({ spec, status }: CoreOSCluster): string[] {
  return [...(spec.pools ?? []), ...(status?.pools ?? [])].map((pool) => pool.name);
}

/** Whether the only master, and the cluster's state with it, is gone for good. */
export function isMasterLost(initialized: boolean, members: readonly MemberView[]): boolean {
  const master = members.find(({ role }) => role === "Master");
  if (!initialized) return false;
  if (master?.keepsRoot === true) return master.rootLoss !== undefined;
  return master?.machine === undefined || isOver(master.machine) || isGoing(master.machine);
}

/** Whether somebody has stopped a member that would start again by itself. */
export function isHeld({ keepsRoot, machine }: MemberView): boolean {
  return keepsRoot && machine !== undefined && !isGoing(machine) && isOver(machine);
}

/** What is known of the cluster as a whole. */
export interface Standing {
  /** Whether the control plane has ever answered, and since when (milliseconds since the epoch). */
  initializedMs?: number;
  guest: GuestState;
  nowMs: number;
}

/** What the members need now. Nothing is done to a cluster whose master is lost. */
export function stepsOf(cluster: CoreOSCluster, members: readonly MemberView[], standing: Standing): Step[] {
  if (isMasterLost(standing.initializedMs !== undefined, members)) return [];
  const urgent = members.flatMap((member) => stepOf(member, standing) ?? []);
  return [...urgent, ...replacements(cluster, members, standing)];
}

function stepOf(member: MemberView, standing: Standing): Step | undefined {
  const { machine, wanted } = member;
  if (machine === undefined) return stepWithoutMachine(member, standing);
  if (isGoing(machine)) return undefined;
  if (!wanted || drainStartedMs(machine) !== undefined) return { do: "remove", member };
  if (isOver(machine)) return stepAfterEnd(member, machine, standing);
  if (!hasBooted(member)) return isPlaced(member) ? { do: "refresh", member } : undefined;
  return member.node?.ready === true && restartedAtMs(machine) !== undefined
    ? { do: "settle", member }
    : undefined;
}

function stepAfterEnd(member: MemberView, machine: VirtualMachine, { nowMs }: Standing): Step | undefined {
  const ageMs = nowMs - Date.parse(machine.metadata.creationTimestamp);
  if (isHeld(member) || ageMs < replaceIntervalMs) return undefined;
  return { do: "replace", member, why: endOf(machine) };
}

function stepWithoutMachine(member: MemberView, { initializedMs, guest }: Standing): Step | undefined {
  if (!member.wanted) return { do: "forget", member };
  // Those that are being removed still have all numbers.
  if (!isPlaced(member)) return undefined;
  // The first members boot side by side with one token; later ones get theirs from the guest's API.
  // A master that has its root finds all it needs there.
  const returns = member.role === "Master" && member.keepsRoot;
  return initializedMs === undefined || guest.answers || returns ? { do: "create", member } : undefined;
}

function isPlaced(member: MemberView): member is PlacedMember {
  return member.number !== undefined;
}

/** Workers that are of no use, as many of them as may be replaced or restarted at the same time. */
function replacements(
  { spec }: CoreOSCluster,
  members: readonly MemberView[],
  { initializedMs, guest, nowMs }: Standing,
): Step[] {
  if (initializedMs === undefined || !guest.answers) return [];
  const { nodeStartupSeconds, nodeUnhealthySeconds } = timeoutsOf(spec);
  const workers = members.filter(({ role, wanted }) => role === "Worker" && wanted);
  const [startupMs, unhealthyMs] = [nodeStartupSeconds * 1000, nodeUnhealthySeconds * 1000];
  const limits = { startupMs, unhealthyMs, initializedMs, nowMs };
  const useless = workers.flatMap((member): Step | Step[] => remedyFor(member, limits) ?? []);
  const coming = workers.filter(
    (member) =>
      member.node?.ready !== true && !isHeld(member) && !useless.some((step) => step.member === member),
  );
  const budget = (spec.health?.maxReplacements ?? 1) - coming.length;
  return useless.slice(0, Math.max(0, budget));
}

interface Limits {
  startupMs: number;
  unhealthyMs: number;
  initializedMs: number;
  nowMs: number;
}

function remedyFor(member: MemberView, limits: Limits): Step | undefined {
  const { machine, node, keepsRoot } = member;
  if (machine === undefined || isGoing(machine) || isOver(machine) || node?.ready === true) return undefined;
  if (keepsRoot && node !== undefined) return remedyForKept(member, machine, node, limits);
  const why = hasBooted(member) || keepsRoot ? uselessWhy(member, machine, limits) : undefined;
  return why === undefined ? undefined : { do: "replace", member, why };
}

/**
 * A restart may help, and what is on the root is kept by it. One that does not come back, or not for good, is replaced
 * all the same: its volume may be tied to a node that is lost.
 */
function remedyForKept(
  member: MemberView,
  machine: VirtualMachine,
  { sinceMs }: GuestNode,
  { startupMs, unhealthyMs, initializedMs, nowMs }: Limits,
): Step | undefined {
  if (nowMs - sinceMs <= unhealthyMs) return undefined;
  const { instance } = member;
  const runningMs = instance?.status?.phase === "Running" ? runningSinceMs(instance) : undefined;
  const restartedMs = restartedAtMs(machine);
  const why = `its Node is not Ready since ${new Date(sinceMs).toISOString()}`;
  if (runningMs !== undefined && nowMs - Math.max(runningMs, initializedMs) > startupMs) {
    if (restartedMs === undefined) return { do: "restart", member, why };
    // Else it is the former run that still goes on.
    if (runningMs > restartedMs) {
      return { do: "replace", member, why: `${why}, and a restart has not helped` };
    }
  }
  const waitedMs = nowMs - (restartedMs ?? sinceMs + unhealthyMs);
  // One that runs may still make it.
  const patienceMs = runningMs === undefined ? startupMs : 2 * startupMs;
  if (waitedMs <= patienceMs) return undefined;
  return { do: "replace", member, why: `${why}, and it does not come back` };
}

function uselessWhy(
  { node, instance, bootstrap, keepsRoot }: MemberView,
  machine: VirtualMachine,
  limits: Limits,
): string | undefined {
  const { nowMs } = limits;
  const runningMs = runningSinceMs(instance);
  // Before the control plane answered there was nothing to join.
  const sinceMs = Math.max(runningMs ?? nowMs, limits.initializedMs);
  if (node === undefined) {
    if (isRefusedForGood(bootstrap, limits)) {
      return "the control plane does not take its bootstrap token any more";
    }
    // One that starts again and again never runs for long.
    const firstMs = Math.max(Date.parse(machine.metadata.creationTimestamp), limits.initializedMs);
    const overdue =
      nowMs - sinceMs > limits.startupMs || (keepsRoot && nowMs - firstMs > 2 * limits.startupMs);
    return overdue ? `it has not joined within ${String(limits.startupMs / 1000)} seconds` : undefined;
  }
  const unhealthy = nowMs - node.sinceMs > limits.unhealthyMs && nowMs - sinceMs > limits.startupMs;
  return unhealthy ? `its Node is not Ready since ${new Date(node.sinceMs).toISOString()}` : undefined;
}

function isRefusedForGood(report: SeenReport | undefined, { nowMs, initializedMs }: Limits): boolean {
  return isTokenRefused(report) && nowMs - Math.max(report.sinceMs, initializedMs) > tokenPatienceMs;
}

/** The instances whose guests kubeadm may be at work on. */
export function bootstrapping(
  members: readonly MemberView[],
  initialized: boolean,
): VirtualMachineInstance[] {
  return members.flatMap(({ role, wanted, node, instance }) => {
    const done = node !== undefined || (role === "Master" && initialized);
    return !wanted || done || instance?.status?.phase !== "Running" ? [] : [instance];
  });
}

/** The member was told a token that has expired since, or is gone; only a new machine is told another. */
export function isTokenRefused(
  report: SeenReport | undefined,
): report is SeenReport & { outcome: "failed"; tokenRefused: true } {
  return report?.outcome === "failed" && report.tokenRefused;
}

/** Whether the guest has, or may have, read its Ignition config: what is in the Secret no longer matters to it. */
export function hasBooted({ instance }: MemberView): boolean {
  const phase = instance?.status?.phase;
  return phase !== undefined && phase !== "Pending" && phase !== "Scheduling" && phase !== "Scheduled";
}

/** The run of a member is over; a member runs once. */
export function isOver({ status }: VirtualMachine): boolean {
  return status?.printableStatus === "Stopped";
}

/** How the run of a member ended, in words. */
export function endOf({ status }: VirtualMachine): string {
  return `its guest has ended (${status?.lastRun?.reason ?? "stopped"})`;
}

/** The machine is being deleted. */
export function isGoing({ metadata }: VirtualMachine): boolean {
  return metadata.deletionTimestamp !== undefined;
}

/** When it was restarted because its Node was not Ready for too long; undefined once that has helped. */
function restartedAtMs({ metadata }: VirtualMachine): number | undefined {
  const text = metadata.annotations?.[HEALTH_RESTART_ANNOTATION];
  return text === undefined ? undefined : Date.parse(text);
}

/** Since when the member is being drained, milliseconds since the epoch. */
export function drainStartedMs({ metadata }: VirtualMachine): number | undefined {
  const text = metadata.annotations?.[DRAIN_STARTED_ANNOTATION];
  return text === undefined ? undefined : Date.parse(text);
}

export function runningSinceMs(instance: VirtualMachineInstance | undefined): number | undefined {
  const times = instance?.status?.phaseTransitionTimestamps ?? [];
  const since = times.find(({ phase }) => phase === "Running")?.phaseTransitionTimestamp;
  return since === undefined ? undefined : Date.parse(since);
}
