import { createPublicKey } from "node:crypto";
import { isIPv6 } from "node:net";
import { ClusterObstacle } from "../../api/conditions.ts";
import type { CoreOSCluster } from "../../api/resources.ts";
import type { ClusterAuthority, KeyPair } from "../../guest-config/member.ts";
import type { Client } from "../../kube/client.ts";
import { secrets, type Draft, type Secret } from "../../kube/object.ts";
import { isControlledBy } from "../../kube/ownership.ts";
import {
  authorityFault,
  issueClientCertificate,
  newAuthority,
  newServiceAccountKey,
  renewalDue,
} from "../../pki/authority.ts";
import { internalAddress, type Address } from "./endpoint.ts";
import { clientIn, kubeconfigOf, serverIn } from "./kubeconfig.ts";
import { API_SERVERNAME, namesOf } from "./names.ts";
import { ObstacleError } from "./obstacle.ts";
import { metadataOf } from "./services.ts";
import { newToken } from "./token.ts";

/** Cluster API's type of the Secrets of a cluster. */
const secretType = "cluster.x-k8s.io/secret";
const yearMs = 365 * 86_400_000;

/** The cluster's authorities as they are stored, and the token of its first members. */
export interface Authority extends ClusterAuthority {
  /** Absent once the cluster no longer needs it, or when its Secret is gone. */
  firstToken?: string;
}

/** Reads and keeps the Secrets of a cluster's authorities. */
export class AuthorityKeeper {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /**
   * The authorities: the user's own where there are Secrets of their names, new ones otherwise.
   * @param founding whether the cluster has no members yet; after that nothing is made anew
   * @throws ObstacleError that names the Secret and the key, when one cannot be used
   */
  async authority(cluster: CoreOSCluster, founding: boolean, nowMs: number): Promise<Authority> {
    const names = namesOf(cluster);
    const pair = async (name: string, commonName: string): Promise<KeyPair> => {
      const made = async (): Promise<Record<string, string>> => {
        const { certificate, key } = await newAuthority(commonName, nowMs);
        return { "tls.crt": certificate, "tls.key": key };
      };
      const data = await this.#ensure(cluster, name, founding ? made : undefined);
      return usable(
        name,
        { certificate: valueIn(data, name, "tls.crt"), key: valueIn(data, name, "tls.key") },
        nowMs,
      );
    };
    const [ca, etcdCa, frontProxyCa, serviceAccount, firstToken] = await Promise.all([
      pair(names.ca, "kubernetes"),
      pair(names.etcdCa, "etcd-ca"),
      pair(names.frontProxyCa, "front-proxy-ca"),
      this.#serviceAccount(cluster, founding),
      this.#firstToken(cluster, founding),
    ]);
    return {
      ca,
      etcdCa,
      frontProxyCa,
      serviceAccount,
      ...(firstToken === undefined ? {} : { firstToken }),
    };
  }

  /**
   * Keeps the kubeconfigs that open the cluster, from inside the host cluster (`value`) and, where it is reached from
   * there, from outside (`external`), and renews the certificate in them.
   */
  async keepKubeconfig(
    cluster: CoreOSCluster,
    ca: KeyPair,
    external: Address | undefined,
    nowMs: number,
  ): Promise<void> {
    const { namespace, name } = cluster.metadata;
    const { kubeconfig } = namesOf(cluster);
    const present = await this.#client.find(secrets, namespace, kubeconfig);
    assertOurs(cluster, kubeconfig, present);
    const textIn = (key: string): string => Buffer.from(present?.data?.[key] ?? "", "base64").toString();
    const known = clientIn(textIn("value"));
    const isGood = known !== undefined && !renewalDue(known.certificate, ca.certificate, nowMs);
    const inside = { cluster: name, server: urlOf(internalAddress(cluster)), ca: ca.certificate };
    const outside =
      external === undefined ? undefined : { ...inside, server: urlOf(external), servername: API_SERVERNAME };
    if (isGood && serverIn(textIn("external")) === outside?.server) return;
    // The group of kubeadm's own admin.conf: what it may do is a role binding, which can be taken away.
    const user = { user: `${name}-admin`, group: "kubeadm:cluster-admins" };
    const client = isGood ? known : await issueClientCertificate(ca, user, yearMs, nowMs);
    const values = {
      value: kubeconfigOf(inside, client),
      ...(outside === undefined ? {} : { external: kubeconfigOf(outside, client) }),
    };
    await this.#client.apply(secrets, secretOf(cluster, kubeconfig, values));
  }

  async dropFirstToken(cluster: CoreOSCluster): Promise<void> {
    const { namespace } = cluster.metadata;
    const present = await this.#client.find(secrets, namespace, namesOf(cluster).bootstrap);
    if (present === undefined || !isControlledBy(present, cluster)) return;
    await this.#client.delete(secrets, present.metadata, { uid: present.metadata.uid });
  }

  async #serviceAccount(
    cluster: CoreOSCluster,
    founding: boolean,
  ): Promise<ClusterAuthority["serviceAccount"]> {
    const name = namesOf(cluster).serviceAccount;
    const made = (): Record<string, string> => {
      const { publicKey, privateKey } = newServiceAccountKey();
      return { "tls.crt": publicKey, "tls.key": privateKey };
    };
    const data = await this.#ensure(cluster, name, founding ? made : undefined);
    const [publicKey, privateKey] = [valueIn(data, name, "tls.crt"), valueIn(data, name, "tls.key")];
    const fault = serviceAccountFault(publicKey, privateKey);
    if (fault !== undefined) {
      throw new ObstacleError(ClusterObstacle.InvalidAuthority, `Secret ${name}: ${fault}`);
    }
    return { publicKey, privateKey };
  }

  async #firstToken(cluster: CoreOSCluster, founding: boolean): Promise<string | undefined> {
    const { namespace } = cluster.metadata;
    const name = namesOf(cluster).bootstrap;
    const data = founding
      ? await this.#ensure(cluster, name, () => ({ token: newToken() }))
      : (await this.#client.find(secrets, namespace, name))?.data;
    const token = data?.["token"];
    return token === undefined ? undefined : Buffer.from(token, "base64").toString();
  }

  /** The Secret's data. What `made` gives is stored where there is none; without `made` there has to be one. */
  async #ensure(
    cluster: CoreOSCluster,
    name: string,
    made: (() => Record<string, string> | Promise<Record<string, string>>) | undefined,
  ): Promise<NonNullable<Secret["data"]>> {
    const present = await this.#client.find(secrets, cluster.metadata.namespace, name);
    if (present !== undefined) return present.data ?? {};
    if (made === undefined) {
      throw new ObstacleError(
        ClusterObstacle.AuthorityLost,
        `Secret ${name} is gone, and the members rely on it; restore it, or delete the cluster and make it anew`,
      );
    }
    return (await this.#client.create(secrets, secretOf(cluster, name, await made()))).data ?? {};
  }
}

function urlOf({ host, port }: Address): string {
  return `https://${isIPv6(host) ? `[${host}]` : host}:${String(port)}`;
}

/** A Secret of the cluster's, with its values as text. */
export function secretOf(
  cluster: CoreOSCluster,
  name: string,
  values: Record<string, string>,
): Draft<Secret> {
  return {
    metadata: metadataOf(cluster, name),
    type: secretType,
    data: Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString("base64")]),
    ),
  };
}

/** @throws ObstacleError when the Secret is somebody else's */
export function assertOurs(cluster: CoreOSCluster, name: string, present: Secret | undefined): void {
  if (present === undefined || isControlledBy(present, cluster)) return;
  throw new ObstacleError(
    ClusterObstacle.NameTaken,
    `Secret ${name} exists and does not belong to this cluster; delete it, or give the cluster another name`,
  );
}

function valueIn(data: NonNullable<Secret["data"]>, secret: string, key: string): string {
  const value = data[key];
  if (value !== undefined) return Buffer.from(value, "base64").toString();
  throw new ObstacleError(
    ClusterObstacle.InvalidAuthority,
    `Secret ${secret} has no key "${key}"; give certificate and private key as tls.crt and tls.key`,
  );
}

function usable(secret: string, pair: KeyPair, nowMs: number): KeyPair {
  const fault = authorityFault(pair, nowMs);
  if (fault === undefined) return pair;
  throw new ObstacleError(ClusterObstacle.InvalidAuthority, `Secret ${secret}: ${fault}`);
}

function serviceAccountFault(publicKey: string, privateKey: string): string | undefined {
  const form = { type: "spki", format: "der" } as const;
  try {
    // Of a private key, the public one is derived.
    const derived = createPublicKey(privateKey).export(form);
    return derived.equals(createPublicKey(publicKey).export(form))
      ? undefined
      : "tls.key is not the private key of the public key tls.crt";
  } catch {
    return "tls.crt or tls.key is not a PEM key that can be read";
  }
}
