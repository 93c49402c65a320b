import { CLUSTER_LABEL, ROLE_LABEL, TOKEN_EXPIRES_ANNOTATION } from "../../api/metadata.ts";
import type { CoreOSCluster, MemberMachine, VirtualMachine } from "../../api/resources.ts";
import { masterNumber, workerNumber, type ClusterFacts, type Member } from "../../guest-config/member.ts";
import type { Draft, Secret } from "../../kube/object.ts";
import type { Authority } from "./authority.ts";
import { secretOf } from "./authority.ts";
import type { Inputs } from "./inputs.ts";
import { ignitionSecretOf, namesOf, type MemberId } from "./names.ts";
import { metadataOf } from "./services.ts";

/** The name that every member's API server has for itself, whatever address it is reached at. */
export const API_SERVERNAME = "kubernetes";

/** What all members are told. */
export function factsOf(cluster: CoreOSCluster, inputs: Inputs, authority: Authority): ClusterFacts {
  const { spec, metadata } = cluster;
  const { network = {} } = spec;
  return {
    name: metadata.name,
    namespace: metadata.namespace,
    version: spec.version ?? "",
    apiNames: apiNamesOf(cluster),
    podRange: network.podCIDR ?? "",
    serviceRange: network.serviceCIDR ?? "",
    lanRange: network.lanCIDR ?? "",
    dnsDomain: network.dnsDomain ?? "",
    membersService: namesOf(cluster).membersService,
    sshAuthorizedKeys: inputs.sshAuthorizedKeys,
    caCertificate: authority.ca.certificate,
  };
}

/** Names of the Service in all lengths, and what the user adds. */
function apiNamesOf(cluster: CoreOSCluster): string[] {
  const { namespace } = cluster.metadata;
  const { apiService } = namesOf(cluster);
  const own = [apiService, `${apiService}.${namespace}`, `${apiService}.${namespace}.svc`];
  return [...new Set([...own, ...(cluster.spec.endpoint?.certSANs ?? [])])];
}

/** What one member is told. */
export function memberFacts(
  cluster: CoreOSCluster,
  id: MemberId,
  inputs: Inputs,
  secrets: { authority: Authority; token: string },
): Member {
  const { labels = {}, taints = [] } = machineOf(cluster, id);
  const base = {
    name: id.name,
    number: id.role === "Master" ? masterNumber(id.index) : workerNumber(id.index),
    bootstrapToken: secrets.token,
    labels,
    taints,
    snippets: inputs.snippets.filter(({ roles }) => roles.includes(id.role)).map(({ config }) => config),
  };
  return id.role === "Master"
    ? { ...base, role: "Master", authority: secrets.authority }
    : { ...base, role: "Worker" };
}

function machineOf({ spec }: CoreOSCluster, { role }: MemberId): MemberMachine {
  return (role === "Master" ? spec.controlPlane?.machine : spec.workers?.machine) ?? {};
}

/** The Secret of a member's Ignition config. */
export function memberSecret(
  cluster: CoreOSCluster,
  id: MemberId,
  ignition: string,
  tokenExpiresMs: number | undefined,
): Draft<Secret> {
  const secret = secretOf(cluster, ignitionSecretOf(id), { userdata: ignition });
  if (tokenExpiresMs === undefined) return secret;
  const annotations = { [TOKEN_EXPIRES_ANNOTATION]: new Date(tokenExpiresMs).toISOString() };
  return { ...secret, metadata: { ...secret.metadata, annotations } };
}

/**
 * A member's machine. It runs once: with its root disk being ephemeral, a second run would be another machine with the
 * first one's name and a token that may have expired, so the cluster replaces it instead.
 */
export function memberMachine(cluster: CoreOSCluster, id: MemberId): Draft<VirtualMachine> {
  const machine = machineOf(cluster, id);
  const labels = { [CLUSTER_LABEL]: cluster.metadata.name, [ROLE_LABEL]: id.role.toLowerCase() };
  const { acceleration, nodeSelector, tolerations } = machine;
  return {
    metadata: { ...metadataOf(cluster, id.name), labels },
    spec: {
      runStrategy: "Once",
      template: {
        metadata: { labels },
        spec: {
          hostname: id.name,
          domain: {
            cpu: { cores: machine.cores ?? 2 },
            memory: { guest: machine.memory ?? (id.role === "Master" ? "2Gi" : "1Gi") },
            ...(acceleration === undefined ? {} : { acceleration }),
            devices: {
              disks: [{ name: "root", disk: { bus: "virtio" } }],
              interfaces: [{ name: "default", bridge: {} }],
            },
          },
          networks: [{ name: "default", pod: {} }],
          ...(nodeSelector === undefined ? {} : { nodeSelector }),
          ...(tolerations === undefined ? {} : { tolerations }),
          volumes: [
            {
              name: "root",
              registryDisk: {
                image: cluster.spec.image ?? "",
                capacity: machine.disk?.capacity ?? "10Gi",
              },
            },
            { name: "ignition", ignition: { secretRef: { name: ignitionSecretOf(id), key: "userdata" } } },
          ],
        },
      },
    },
  };
}
