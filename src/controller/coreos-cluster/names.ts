import type { CoreOSCluster, MemberMachine } from "../../api/resources.ts";

/** Where API servers listen. */
export const API_PORT = 6443;

/** The name that every API server's certificate holds (kubeadm's own), whatever address it is reached at. */
export const API_SERVERNAME = "kubernetes";

/** Names of what a cluster is made of. */
export interface ClusterNames {
  apiService: string;
  membersService: string;
  /** Secrets, named as Cluster API's. */
  ca: string;
  etcdCa: string;
  frontProxyCa: string;
  serviceAccount: string;
  kubeconfig: string;
  /** Secret of the token that the first members boot with. */
  bootstrap: string;
}

export function namesOf({ metadata: { name } }: Pick<CoreOSCluster, "metadata">): ClusterNames {
  return {
    apiService: `${name}-api`,
    membersService: `${name}-members`,
    ca: `${name}-ca`,
    etcdCa: `${name}-etcd`,
    frontProxyCa: `${name}-proxy`,
    serviceAccount: `${name}-sa`,
    kubeconfig: `${name}-kubeconfig`,
    bootstrap: `${name}-bootstrap`,
  };
}

export type Role = "Master" | "Worker";

/** A place in a cluster, whether or not a machine fills it. */
export interface MemberId {
  name: string;
  role: Role;
  /** From 0 in its group. */
  index: number;
  /** Name of the pool that it is of; absent for masters and default workers. */
  pool?: string;
}

export function memberOf(cluster: string, role: Role, index: number): MemberId {
  const group = role === "Master" ? "master" : "node";
  return { name: `${cluster}-${group}-${String(index)}`, role, index };
}

export function poolMemberOf(cluster: string, pool: string, index: number): MemberId {
  return { name: `${cluster}-${pool}-${String(index)}`, role: "Worker", index, pool };
}

/**
 * The member that a machine or Node of this name would be; undefined for other names.
 * @param isPool whether there is, or may be, a pool of a name
 */
export function memberNamed(
  cluster: string,
  name: string,
  isPool: (pool: string) => boolean,
): MemberId | undefined {
  if (!name.startsWith(`${cluster}-`)) return undefined;
  const [, group, digits] = /^(.+)-(0|[1-9]\d{0,2})$/.exec(name.slice(cluster.length + 1)) ?? [];
  if (group === undefined || digits === undefined) return undefined;
  if (group === "master") return memberOf(cluster, "Master", Number(digits));
  if (group === "node") return memberOf(cluster, "Worker", Number(digits));
  return isPool(group) ? poolMemberOf(cluster, group, Number(digits)) : undefined;
}

/** Name of the Secret of a member's Ignition config. */
export function ignitionSecretOf({ name }: Pick<MemberId, "name">): string {
  return `${name}-ignition`;
}

/** Name of the claim that a member's root is kept on. */
export function rootClaimNameOf({ name }: Pick<MemberId, "name">): string {
  return `${name}-root`;
}

/** What the spec says of the machines of a member's group; undefined for a pool that it no longer has. */
export function groupMachine(
  { spec }: Pick<CoreOSCluster, "spec">,
  { role, pool }: MemberId,
): MemberMachine | undefined {
  if (role === "Master") return spec.controlPlane?.machine;
  return (pool === undefined ? spec.workers : spec.pools?.find(({ name }) => name === pool))?.machine;
}
