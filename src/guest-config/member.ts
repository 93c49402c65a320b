import type { Flavour } from "./flavour.ts";
import type { KubeadmOverrides } from "./overrides.ts";

/**
 * What a member of a CoreOSCluster is told at its first boot. The operator fills this in; this folder turns it into the
 * Ignition config (spec 3.3.0) whose units run kubeadm. Everything here is pure: text from typed input.
 */

/** A certificate with its private key, both PEM. */
export interface KeyPair {
  certificate: string;
  key: string;
}

/** What a master needs to be an authority; the same for all masters of a cluster. */
export interface ClusterAuthority {
  ca: KeyPair;
  etcdCa: KeyPair;
  frontProxyCa: KeyPair;
  /** Signs service-account tokens; PEM. */
  serviceAccount: { publicKey: string; privateKey: string };
}

/** What all members of a cluster share. */
export interface ClusterFacts {
  name: string;
  namespace: string;
  /** `v1.36.3` */
  version: string;
  /** What system the members' image is. */
  flavour: Flavour;
  /** Kubernetes is not in the image but on a disk of its own (payload.ts). */
  payloadDisk?: true;
  /** Names and addresses that the API server's certificate holds beside the usual ones. */
  apiNames: string[];
  podRange: string;
  serviceRange: string;
  lanRange: string;
  /** Domain of the guest cluster's Services. */
  dnsDomain: string;
  /** Name of the headless Service that finds the addresses of all members in the host cluster's DNS. */
  membersService: string;
  sshAuthorizedKeys: string[];
  /** Members whose numbers do not follow from their names, and their numbers. */
  otherMembers: { name: string; number: number }[];
  /** Absent: as Nestlet would have it. */
  kubeadm?: KubeadmOverrides;
  /** CA certificate of the cluster, PEM; a joining member trusts it alone. */
  caCertificate: string;
}

interface MemberBase {
  /** Host name and Node name, `lab-master-0`. */
  name: string;
  /** Host number on the cluster LAN; also the number of its /24 of the pod range. */
  number: number;
  /** `abcdef.0123456789abcdef`, short-lived: a master accepts it, a worker joins with it. */
  bootstrapToken: string;
  labels: Record<string, string>;
  taints: { key: string; value?: string; effect: string }[];
  /** The root disk outlives the machine's runs; absent: what is on it dies with the machine. */
  persistentRoot?: true;
  /** Ignition configs merged after Nestlet's own, in this order. */
  snippets: object[];
}

export interface Master extends MemberBase {
  role: "Master";
  authority: ClusterAuthority;
}

export interface Worker extends MemberBase {
  role: "Worker";
}

export type Member = Master | Worker;

/** Where on the LAN the first master is, which a worker joins through. */
export const FIRST_MASTER_NUMBER = 1;

/**
 * Host number of a member that goes by the rule: the first master has 1 and worker N has N + 2, as libvirt-coreos had;
 * further masters count down from 254, so that growing the control plane moves nobody.
 */
export function masterNumber(index: number): number {
  return index === 0 ? FIRST_MASTER_NUMBER : 255 - index;
}

export function workerNumber(index: number): number {
  return index + 2;
}
