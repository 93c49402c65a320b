import { CATALOG_CONFIG_MAP, CONTROLLER_NAME } from "../api/metadata.ts";
import { coreOSClusters, virtualMachineInstances, virtualMachines } from "../api/resources.ts";
import { ApiError } from "../kube/api-error.ts";
import type { Client } from "../kube/client.ts";
import {
  apiVersion,
  configMaps,
  endpointSlices,
  leases,
  persistentVolumeClaims,
  podDisruptionBudgets,
  pods,
  secrets,
  services,
  type KubeObject,
  type Resource,
} from "../kube/object.ts";

interface Needed {
  resource: Pick<Resource<KubeObject>, "group" | "plural">;
  verbs: readonly string[];
  subresource?: string;
  namespace?: string;
  /** The one object that it is about; absent: any. */
  name?: string;
}

/** What the controller does in each namespace that it looks after; the chart's role grants exactly this. */
const needed: readonly Needed[] = [
  { resource: coreOSClusters, verbs: ["list", "watch"] },
  { resource: coreOSClusters, verbs: ["patch"], subresource: "status" },
  { resource: virtualMachines, verbs: ["get", "list", "watch", "create", "patch", "delete"] },
  { resource: virtualMachines, verbs: ["patch"], subresource: "status" },
  { resource: virtualMachineInstances, verbs: ["get", "list", "watch", "create", "patch", "delete"] },
  { resource: virtualMachineInstances, verbs: ["patch"], subresource: "status" },
  { resource: pods, verbs: ["get", "list", "watch", "create", "delete"] },
  { resource: pods, verbs: ["get"], subresource: "log" },
  { resource: secrets, verbs: ["get", "create", "patch", "delete"] },
  { resource: persistentVolumeClaims, verbs: ["get", "create"] },
  { resource: configMaps, verbs: ["get"] },
  { resource: services, verbs: ["get", "create", "patch"] },
  { resource: endpointSlices, verbs: ["create", "patch"] },
  { resource: podDisruptionBudgets, verbs: ["create"] },
  { resource: { group: "events.k8s.io", plural: "events" }, verbs: ["create", "patch"] },
];

/**
 * Makes sure that the controller can work at all.
 * @param namespaces empty: all
 * @param own namespaces of what is the controller's own: the catalog, and the Lease if one is used
 * @throws Error with one line for people, naming what is missing and the remedy
 */
export async function preflight(
  client: Client,
  namespaces: readonly string[],
  own: { catalog: string; lease?: string },
): Promise<void> {
  await assertKindsServed(client);
  const scopes: (string | undefined)[] = namespaces.length === 0 ? [undefined] : [...namespaces];
  const inScopes = scopes.flatMap((namespace) =>
    needed.map((need) => (namespace === undefined ? need : { ...need, namespace })),
  );
  const all = [
    ...inScopes,
    { resource: configMaps, verbs: ["get"], namespace: own.catalog, name: CATALOG_CONFIG_MAP },
    ...(own.lease === undefined ? [] : leaseNeeds(own.lease)),
  ];
  const refused = (await Promise.all(all.map(async (need) => refusedVerbs(client, need)))).flat();
  if (refused.length === 0) return;
  throw new Error(
    `the controller's account may not: ${refused.join("; ")}. Bind it to the role of the Helm chart (rbac.create=true)`,
  );
}

/** A role can name the object for all verbs but create. */
function leaseNeeds(namespace: string): Needed[] {
  return [
    { resource: leases, verbs: ["create"], namespace },
    { resource: leases, verbs: ["get", "patch"], namespace, name: CONTROLLER_NAME },
  ];
}

async function assertKindsServed(client: Client): Promise<void> {
  const path = `/apis/${apiVersion(virtualMachines)}`;
  const served = await client
    .call<{ resources: { name: string }[] }>("GET", path)
    .then(({ resources }) => resources.map(({ name }) => name))
    .catch((error: unknown): string[] => {
      if (error instanceof ApiError && error.code === 404) return [];
      throw error;
    });
  const missing = [virtualMachines, virtualMachineInstances, coreOSClusters].filter(
    ({ plural }) => !served.includes(plural),
  );
  if (missing.length === 0) return;
  const names = missing.map(({ plural, group }) => `${plural}.${group}`).join(", ");
  throw new Error(
    `the cluster does not know ${names}: install the CustomResourceDefinitions with the Helm chart ` +
      "(crds.enabled=true) or with kubectl apply -f crds/",
  );
}

async function refusedVerbs(client: Client, need: Needed): Promise<string[]> {
  const { resource, subresource, namespace, name: object } = need;
  const answers = await Promise.all(
    need.verbs.map(async (verb) => {
      const attributes = {
        verb,
        group: resource.group,
        resource: resource.plural,
        subresource,
        namespace,
        name: object,
      };
      const review = await client.call<{ status: { allowed: boolean } }>(
        "POST",
        "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        {
          apiVersion: "authorization.k8s.io/v1",
          kind: "SelfSubjectAccessReview",
          spec: { resourceAttributes: attributes },
        },
      );
      return review.status.allowed ? undefined : verb;
    }),
  );
  const refused = answers.filter((verb) => verb !== undefined);
  if (refused.length === 0) return [];
  const name = `${resource.plural}${subresource === undefined ? "" : `/${subresource}`}`;
  return [`${refused.join(", ")} ${name}${namespace === undefined ? "" : ` in namespace ${namespace}`}`];
}
