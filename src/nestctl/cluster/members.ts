import { CLUSTER_LABEL, LAN_NUMBER_ANNOTATION, POOL_LABEL, ROLE_LABEL } from "../../api/metadata.ts";
import {
  coreOSClusters,
  virtualMachineInstances,
  virtualMachines,
  type CoreOSCluster,
  type VirtualMachine,
  type VirtualMachineInstance,
} from "../../api/resources.ts";
import { masterNumber, workerNumber } from "../../guest-config/member.ts";
import { addressAt } from "../../guest-config/range.ts";
import { CliError, ExitCode, usageError } from "../frame/cli-error.ts";
import { listAll } from "../kube/list.ts";
import type { Session } from "../kube/session.ts";

/** A machine of a cluster, with its present run. */
export interface Member {
  name: string;
  role: "master" | "worker";
  pool: string | undefined;
  machine: VirtualMachine;
  instance: VirtualMachineInstance | undefined;
}

/** Which members are meant. */
export interface MemberFlags {
  group?: string[];
  member?: string[];
}

/**
 * A cluster and all its members, masters first.
 * @throws ApiError when there is no such cluster
 */
export async function membersOf(
  { client, namespace }: Session,
  name: string,
): Promise<{ cluster: CoreOSCluster; members: Member[] }> {
  const labelSelector = `${CLUSTER_LABEL}=${name}`;
  const [cluster, machines, instances] = await Promise.all([
    client.get(coreOSClusters, namespace, name),
    listAll(client, virtualMachines, { namespace, labelSelector }),
    listAll(client, virtualMachineInstances, { namespace, labelSelector }),
  ]);
  const runs = new Map(instances.map((instance) => [instance.metadata.name, instance]));
  const members = machines.map((machine): Member => {
    const { name: of, labels = {} } = machine.metadata;
    const role = labels[ROLE_LABEL] === "master" ? "master" : "worker";
    return { name: of, role, pool: labels[POOL_LABEL], machine, instance: runs.get(of) };
  });
  return { cluster, members: members.sort(byPlace) };
}

function byPlace(one: Member, other: Member): number {
  if (one.role !== other.role) return one.role === "master" ? -1 : 1;
  return one.name.localeCompare(other.name, "en", { numeric: true });
}

/**
 * The members that the flags name.
 * @throws CliError for a group or member that there is not
 */
export function selected(cluster: string, members: readonly Member[], flags: MemberFlags): Member[] {
  if (flags.member !== undefined) return flags.member.map((name) => memberNamed(cluster, members, name));
  const groups = flags.group ?? ["all"];
  const found = new Set(groups.flatMap((group) => inGroup(cluster, members, group)));
  return members.filter((member) => found.has(member));
}

function inGroup(cluster: string, members: readonly Member[], group: string): Member[] {
  switch (group) {
    case "all":
      return [...members];
    case "master":
    case "masters":
      return members.filter(({ role }) => role === "master");
    case "worker":
    case "workers":
      return members.filter(({ role }) => role === "worker");
  }
  const found = members.filter(({ pool }) => pool === group);
  if (found.length > 0) return found;
  const pools = new Set(members.flatMap(({ pool }) => (pool === undefined ? [] : [pool])));
  throw usageError(
    `--group: cluster ${cluster} has no group "${group}"`,
    `use ${["masters", "workers", "all", ...pools].join(", ")}`,
  );
}

/** By its name, or by what follows the cluster's name in it. */
export function memberNamed(cluster: string, members: readonly Member[], word: string): Member {
  const found =
    members.find(({ name }) => name === word) ?? members.find(({ name }) => name === `${cluster}-${word}`);
  if (found !== undefined) return found;
  throw new CliError(
    ExitCode.notFound,
    `cluster ${cluster} has no member "${word}"`,
    members.length === 0 ? "it has no members yet" : `it has ${members.map(({ name }) => name).join(", ")}`,
  );
}

/** The member's address on the cluster's LAN; undefined while that is not known. */
export function lanAddressOf({ spec }: CoreOSCluster, member: Member): string | undefined {
  const range = spec.network?.lanCIDR;
  const number = lanNumberOf(member);
  return range === undefined || number === undefined ? undefined : addressAt(range, number);
}

/** Pools' members have theirs in an annotation; the others' follows from their names. */
function lanNumberOf({ name, role, pool, machine }: Member): number | undefined {
  const told = machine.metadata.annotations?.[LAN_NUMBER_ANNOTATION] ?? "";
  if (/^\d{1,5}$/.test(told)) return Number(told);
  const index = /-(\d{1,3})$/.exec(name)?.[1];
  if (pool !== undefined || index === undefined) return undefined;
  return role === "master" ? masterNumber(Number(index)) : workerNumber(Number(index));
}

export function ipOf(member: Member): string | undefined {
  return member.instance?.status?.interfaces?.find(({ ipAddress }) => ipAddress !== undefined)?.ipAddress;
}
