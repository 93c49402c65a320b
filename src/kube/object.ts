import type {
  V1Endpoint,
  V1Lease,
  V1Node,
  V1PersistentVolumeClaim,
  V1PodDisruptionBudget,
  V1PodSpec,
  V1PodStatus,
  V1Secret,
  V1Service,
} from "@kubernetes/client-node";

/** A type of the client library as JSON has it: times are strings. */
export type Plain<T> = T extends Date
  ? string
  : T extends (infer Item)[]
    ? Plain<Item>[]
    : T extends object
      ? { [Key in keyof T]: Plain<T[Key]> }
      : T;

/** Metadata of a namespaced object that the API server has stored. */
export interface ObjectMeta {
  name: string;
  namespace: string;
  uid: string;
  resourceVersion: string;
  /** RFC 3339, whole seconds. */
  creationTimestamp: string;
  generation?: number;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

/** An object before it is stored: the API server fills in the rest of its metadata. */
export type Draft<T extends KubeObject> = Omit<T, "metadata" | "apiVersion" | "kind"> & {
  metadata: Pick<ObjectMeta, "name" | "namespace"> &
    Partial<Pick<ObjectMeta, "labels" | "annotations" | "finalizers" | "ownerReferences">>;
};

/** Where a kind of object lives in the API. The type parameter is what is read from there. */
export interface Resource<T extends KubeObject> {
  /** Empty for the core group. */
  group: string;
  version: string;
  plural: string;
  kind: string;
  /** Never set; it ties the type to the resource. */
  readonly object?: T;
}

export type PodSpec = Plain<V1PodSpec>;
export type PodStatus = Plain<V1PodStatus>;
export type ContainerStatus = NonNullable<PodStatus["containerStatuses"]>[number];
export type Container = PodSpec["containers"][number];
export type PodVolume = NonNullable<PodSpec["volumes"]>[number];

export interface Pod extends KubeObject {
  spec: PodSpec;
  status?: PodStatus;
}

export interface Secret extends KubeObject {
  type?: string;
  /** Base64. */
  data?: Plain<V1Secret>["data"];
}

export interface PersistentVolumeClaim extends KubeObject {
  spec: NonNullable<Plain<V1PersistentVolumeClaim>["spec"]>;
  status?: Plain<V1PersistentVolumeClaim>["status"];
}

export interface ConfigMap extends KubeObject {
  data?: Record<string, string>;
  /** Base64. */
  binaryData?: Record<string, string>;
}

export interface Service extends KubeObject {
  spec: NonNullable<Plain<V1Service>["spec"]>;
  status?: NonNullable<Plain<V1Service>["status"]>;
}

export interface EndpointSlice extends KubeObject {
  addressType: "IPv4" | "IPv6" | "FQDN";
  /** The API server gives null for none. */
  endpoints: Plain<V1Endpoint>[] | null;
  ports: { name?: string; port: number; protocol?: string }[];
}

/** A Node has no namespace: it is read by its path, not through a Resource. */
export type Node = Plain<V1Node>;

export interface Lease extends KubeObject {
  spec?: Plain<V1Lease>["spec"];
}

export interface PodDisruptionBudget extends KubeObject {
  spec: NonNullable<Plain<V1PodDisruptionBudget>["spec"]>;
}

export const pods: Resource<Pod> = { group: "", version: "v1", plural: "pods", kind: "Pod" };
export const secrets: Resource<Secret> = { group: "", version: "v1", plural: "secrets", kind: "Secret" };
export const persistentVolumeClaims: Resource<PersistentVolumeClaim> = {
  group: "",
  version: "v1",
  plural: "persistentvolumeclaims",
  kind: "PersistentVolumeClaim",
};
export const configMaps: Resource<ConfigMap> = {
  group: "",
  version: "v1",
  plural: "configmaps",
  kind: "ConfigMap",
};
export const services: Resource<Service> = { group: "", version: "v1", plural: "services", kind: "Service" };
export const endpointSlices: Resource<EndpointSlice> = {
  group: "discovery.k8s.io",
  version: "v1",
  plural: "endpointslices",
  kind: "EndpointSlice",
};
export const leases: Resource<Lease> = {
  group: "coordination.k8s.io",
  version: "v1",
  plural: "leases",
  kind: "Lease",
};

export const podDisruptionBudgets: Resource<PodDisruptionBudget> = {
  group: "policy",
  version: "v1",
  plural: "poddisruptionbudgets",
  kind: "PodDisruptionBudget",
};

/** The API version as objects carry it: `v1`, `apps/v1`. */
export function apiVersion(resource: Pick<Resource<KubeObject>, "group" | "version">): string {
  return resource.group === "" ? resource.version : `${resource.group}/${resource.version}`;
}

/** The API's path of a resource, of one of its objects, or of a subresource. */
export function resourcePath(
  resource: Resource<KubeObject>,
  namespace?: string,
  name?: string,
  subresource?: string,
): string {
  const root = resource.group === "" ? "/api" : `/apis/${resource.group}`;
  const scope = namespace === undefined ? [] : ["namespaces", namespace];
  const parts = [...scope, resource.plural, name, subresource].filter((part) => part !== undefined);
  return `${root}/${resource.version}/${parts.map(encodeURIComponent).join("/")}`;
}

/** Identifies an object among those of its kind: `namespace/name`. */
export function keyOf(object: { metadata: Pick<ObjectMeta, "namespace" | "name"> }): string {
  return `${object.metadata.namespace}/${object.metadata.name}`;
}

/** The two parts of a key. */
export function splitKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf("/");
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** Whether a resource version is newer than another; they are comparable as whole numbers (KEP-5504). */
export function isNewer(version: string, than: string): boolean {
  return version.length === than.length ? version > than : version.length > than.length;
}
