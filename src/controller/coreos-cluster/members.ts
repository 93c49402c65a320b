import {
  CLUSTER_LABEL,
  LAN_NUMBER_ANNOTATION,
  POOL_LABEL,
  ROLE_LABEL,
  TOKEN_EXPIRES_ANNOTATION,
} from "../../api/metadata.ts";
import type { CoreOSCluster, VirtualMachine } from "../../api/resources.ts";
import { DEFAULT_FLAVOUR } from "../../guest-config/flavour.ts";
import { workerNumber, type ClusterFacts, type Member } from "../../guest-config/member.ts";
import { PAYLOAD_SERIAL } from "../../guest-config/payload.ts";
import type { Draft, Secret } from "../../kube/object.ts";
import type { Authority } from "./authority.ts";
import { secretOf } from "./authority.ts";
import type { Source } from "./catalog.ts";
import type { Inputs } from "./inputs.ts";
import type { MemberView, PlacedMember } from "./member-view.ts";
import { groupMachine, ignitionSecretOf, namesOf, rootClaimNameOf, type MemberId } from "./names.ts";
import { defaultCapacity } from "./roots.ts";
import { metadataOf } from "./services.ts";

/**
 * What all members are told.
 * @param members of which those are told whose numbers do not follow from their names
 */
export function factsOf(
  cluster: CoreOSCluster,
  inputs: Inputs,
  authority: Authority,
  members: readonly MemberView[],
): ClusterFacts {
  const { spec, metadata, status } = cluster;
  const { network = {} } = spec;
  return {
    name: metadata.name,
    namespace: metadata.namespace,
    ...sourceFacts(status?.source),
    apiNames: apiNamesOf(cluster),
    podRange: network.podCIDR ?? "",
    serviceRange: network.serviceCIDR ?? "",
    lanRange: network.lanCIDR ?? "",
    dnsDomain: network.dnsDomain ?? "",
    membersService: namesOf(cluster).membersService,
    sshAuthorizedKeys: inputs.sshAuthorizedKeys,
    ...(spec.kubeadm === undefined ? {} : { kubeadm: spec.kubeadm }),
    caCertificate: authority.ca.certificate,
    otherMembers: members.flatMap(({ name, role, number, pool, index }) => {
      const byRule = role === "Master" || (pool === undefined && number === workerNumber(index));
      return byRule || number === undefined ? [] : [{ name, number }];
    }),
  };
}

function sourceFacts(source: Source | undefined): Pick<ClusterFacts, "version" | "flavour" | "payloadDisk"> {
  return {
    version: source?.version ?? "",
    flavour: source?.flavour ?? DEFAULT_FLAVOUR,
    ...(source?.payload === undefined ? {} : { payloadDisk: true }),
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
  id: PlacedMember,
  inputs: Inputs,
  secrets: { authority: Authority; token: string },
): Member {
  const { labels = {}, taints = [] } = groupMachine(cluster, id) ?? {};
  const base = {
    name: id.name,
    number: id.number,
    bootstrapToken: secrets.token,
    labels: { ...labels, ...poolLabel(id) },
    taints,
    ...(id.keepsRoot ? { persistentRoot: true as const } : {}),
    snippets: inputs.snippets.filter(({ roles }) => roles.includes(id.role)).map(({ config }) => config),
  };
  return id.role === "Master"
    ? { ...base, role: "Master", authority: secrets.authority }
    : { ...base, role: "Worker" };
}

function poolLabel({ pool }: MemberId): Record<string, string> {
  return pool === undefined ? {} : { [POOL_LABEL]: pool };
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
 * A member's machine. One whose root is kept is always run, for it comes back as what it was. With an ephemeral root it
 * runs once: a second run would be another machine with the first one's name and a token that may have expired, so the
 * cluster replaces it instead.
 */
export function memberMachine(cluster: CoreOSCluster, id: PlacedMember): Draft<VirtualMachine> {
  const machine = groupMachine(cluster, id) ?? {};
  const { disk, nodeSelector, tolerations } = machine;
  const labels = {
    [CLUSTER_LABEL]: cluster.metadata.name,
    [ROLE_LABEL]: id.role.toLowerCase(),
    ...poolLabel(id),
  };
  const overlay = id.keepsRoot ? { overlay: { claimName: rootClaimNameOf(id) } } : {};
  const annotations = { [LAN_NUMBER_ANNOTATION]: String(id.number) };
  const payload = payloadDevices(cluster);
  return {
    metadata: { ...metadataOf(cluster, id.name), labels, annotations },
    spec: {
      runStrategy: id.keepsRoot ? "Always" : "Once",
      template: {
        metadata: { labels },
        spec: {
          hostname: id.name,
          domain: {
            ...processorsOf(id, machine),
            devices: {
              disks: [{ name: "root", disk: { bus: "virtio" } }, ...payload.disks],
              interfaces: [{ name: "default", bridge: {} }],
              autoattachGraphicsDevice: false,
            },
          },
          networks: [{ name: "default", pod: {} }],
          ...(nodeSelector === undefined ? {} : { nodeSelector }),
          ...(tolerations === undefined ? {} : { tolerations }),
          volumes: [
            {
              name: "root",
              registryDisk: {
                image: imageOf(cluster),
                capacity: disk?.capacity ?? defaultCapacity,
                ...overlay,
              },
            },
            ...payload.volumes,
            { name: "ignition", ignition: { secretRef: { name: ignitionSecretOf(id), key: "userdata" } } },
          ],
        },
      },
    },
  };
}

type Domain = VirtualMachine["spec"]["template"]["spec"]["domain"];

/**
 * A master asks for more of a busy node than a worker's tenth of a core for each of its own: everybody waits for the API
 * server, above all the workers while they boot beside it, which would otherwise take the node from it in equal parts.
 */
function processorsOf(
  { role }: MemberId,
  { cores = 2, memory, acceleration }: NonNullable<ReturnType<typeof groupMachine>>,
): Pick<Domain, "cpu" | "resources" | "memory" | "acceleration"> {
  const isMaster = role === "Master";
  return {
    cpu: { cores },
    ...(isMaster ? { resources: { requests: { cpu: `${250 * cores}m` } } } : {}),
    memory: { guest: memory ?? (isMaster ? "2Gi" : "1Gi") },
    ...(acceleration === undefined ? {} : { acceleration }),
  };
}

type VolumeSpec = NonNullable<VirtualMachine["spec"]["template"]["spec"]["volumes"]>[number];
type DiskSpec = NonNullable<
  NonNullable<VirtualMachine["spec"]["template"]["spec"]["domain"]["devices"]>["disks"]
>[number];

/** The disk that brings Kubernetes, where the image does not hold it. */
function payloadDevices({ status }: CoreOSCluster): { disks: DiskSpec[]; volumes: VolumeSpec[] } {
  const image = status?.source?.payload;
  if (image === undefined) return { disks: [], volumes: [] };
  return {
    disks: [{ name: "payload", serial: PAYLOAD_SERIAL, disk: { bus: "virtio", readonly: true } }],
    volumes: [{ name: "payload", registryDisk: { image } }],
  };
}

/** What the catalog gave the cluster when it was founded. */
function imageOf({ status }: CoreOSCluster): string {
  return status?.source?.image ?? "";
}
