import { CLUSTER_LABEL, CONTROLLER_NAME } from "../../api/metadata.ts";
import type { CoreOSCluster } from "../../api/resources.ts";
import type { Draft, EndpointSlice, Service } from "../../kube/object.ts";
import { controllerRef } from "../../kube/ownership.ts";
import { API_PORT, namesOf } from "./names.ts";

/** The name that the members' addresses are found under, also of those that are not ready. */
export function membersService(cluster: CoreOSCluster): Draft<Service> {
  return {
    metadata: metadataOf(cluster, namesOf(cluster).membersService),
    spec: {
      clusterIP: "None",
      publishNotReadyAddresses: true,
      selector: { [CLUSTER_LABEL]: cluster.metadata.name },
    },
  };
}

/** Where the API servers are reached. It has no selector: only we know which of them answer. */
export function apiService(cluster: CoreOSCluster): Draft<Service> {
  const metadata = metadataOf(cluster, namesOf(cluster).apiService);
  const {
    type = "ClusterIP",
    nodePort,
    annotations,
    loadBalancerIP,
    loadBalancerClass,
    loadBalancerSourceRanges,
  } = cluster.spec.endpoint ?? {};
  const port = { name: "https", port: API_PORT, targetPort: API_PORT, protocol: "TCP" };
  return {
    metadata: { ...metadata, ...(annotations === undefined ? {} : { annotations }) },
    spec: {
      type,
      ports: [{ ...port, ...(nodePort === undefined ? {} : { nodePort }) }],
      ...(loadBalancerIP === undefined ? {} : { loadBalancerIP }),
      ...(loadBalancerClass === undefined ? {} : { loadBalancerClass }),
      ...(loadBalancerSourceRanges === undefined ? {} : { loadBalancerSourceRanges }),
    },
  };
}

/** @param addresses of the API servers that answer /readyz */
export function apiEndpoints(cluster: CoreOSCluster, addresses: readonly string[]): Draft<EndpointSlice> {
  const name = namesOf(cluster).apiService;
  const metadata = metadataOf(cluster, name);
  return {
    metadata: {
      ...metadata,
      labels: {
        ...metadata.labels,
        "kubernetes.io/service-name": name,
        "endpointslice.kubernetes.io/managed-by": CONTROLLER_NAME,
      },
    },
    addressType: "IPv4",
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
    ports: [{ name: "https", port: API_PORT, protocol: "TCP" }],
  };
}

/** Metadata of an object that goes with its cluster. */
export function metadataOf(
  cluster: CoreOSCluster,
  name: string,
): Draft<Service>["metadata"] & { labels: Record<string, string> } {
  return {
    namespace: cluster.metadata.namespace,
    name,
    labels: { [CLUSTER_LABEL]: cluster.metadata.name },
    ownerReferences: [controllerRef(cluster)],
  };
}
