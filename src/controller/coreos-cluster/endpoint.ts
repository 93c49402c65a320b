import { ClusterReason } from "../../api/conditions.ts";
import type { CoreOSCluster } from "../../api/resources.ts";
import type { Service } from "../../kube/object.ts";
import { API_PORT, namesOf } from "./names.ts";

export interface Address {
  host: string;
  port: number;
}

/** How the API server is reached, as far as that is known. */
export interface Endpoint {
  /** The host cluster's words why it does not take the Service as it should be. */
  refusal?: string;
  external?: Address;
}

/** Where members and other pods of the host cluster reach the API server. */
export function internalAddress(cluster: CoreOSCluster): Address {
  return { host: `${namesOf(cluster).apiService}.${cluster.metadata.namespace}.svc`, port: API_PORT };
}

/**
 * Where a Service is reached from outside the host cluster; undefined when it is not, or not yet.
 * @param node address of one of the host's nodes: all of them lead to a node port
 * @param before where it was reached when this was last asked: without a node, the one before leads to the same port
 */
export function externalAddress(
  service: Service,
  node: string | undefined,
  before?: Partial<Address>,
): Address | undefined {
  const { type } = service.spec;
  if (type === "LoadBalancer") return balancerAddress(service);
  return type === "NodePort" ? nodeAddress(service, node, before) : undefined;
}

function balancerAddress({ status }: Service): Address | undefined {
  const [ingress] = status?.loadBalancer?.ingress ?? [];
  const host = ingress?.ip ?? ingress?.hostname;
  return host === undefined ? undefined : { host, port: API_PORT };
}

function nodeAddress(
  { spec }: Service,
  node: string | undefined,
  before?: Partial<Address>,
): Address | undefined {
  const port = spec.ports?.[0]?.nodePort;
  const host = node ?? (before?.port === port ? before?.host : undefined);
  return port === undefined || host === undefined ? undefined : { host, port };
}

/** Whether the endpoint is as the spec asks for. */
export function endpointVerdict(
  cluster: CoreOSCluster,
  { refusal, external }: Endpoint,
): { status: "True" | "False"; reason: string; message: string } {
  const { type = "ClusterIP" } = cluster.spec.endpoint ?? {};
  const { apiService } = namesOf(cluster);
  if (refusal !== undefined) {
    const message = `the host cluster refuses Service ${apiService}: ${refusal}; correct spec.endpoint`;
    return { status: "False", reason: ClusterReason.EndpointRefused, message };
  }
  if (type === "ClusterIP" || external !== undefined) {
    return { status: "True", reason: ClusterReason.EndpointAvailable, message: "" };
  }
  const message =
    type === "LoadBalancer"
      ? `no load balancer has given Service ${apiService} an address yet; does the host cluster have one?`
      : "the master has not been given a node yet, whose address leads to the node port";
  return { status: "False", reason: ClusterReason.EndpointPending, message };
}
