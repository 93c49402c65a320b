import type { InstanceSpec } from "../../api/resources.ts";
import type { Container } from "../../kube/object.ts";
import { parseQuantity } from "../../kube/quantity.ts";
import { emulationOverheadBytes, launcherOverheadBytes } from "./overhead.ts";
import { cpuCount, guestMemoryBytes } from "./plan.ts";

/**
 * What the compute container asks of its node: the spec's figures with the launcher's overhead. A guest whose memory is
 * made of huge pages asks for these instead, as many as it has memory: Kubernetes wants request and limit to be equal.
 */
export function resourcesOf(spec: InstanceSpec): NonNullable<Container["resources"]> {
  const cpus = cpuCount(spec);
  const guestBytes = guestMemoryBytes(spec);
  const pageSize = spec.domain.memory?.hugepages?.pageSize;
  const pages = pageSize === undefined ? {} : { [`hugepages-${pageSize}`]: String(guestBytes) };
  const { acceleration = "Prefer", resources: { requests = {}, limits = {} } = {} } = spec.domain;
  const overhead =
    launcherOverheadBytes(guestBytes, cpus) +
    emulationOverheadBytes(guestBytes, acceleration, limits.memory !== undefined);
  const asked = pageSize === undefined ? bytesOf(requests.memory ?? guestBytes) : 0;
  const most = { ...limitsOf(limits, overhead), ...pages };
  // A limit alone would become the request as well.
  const cpu = String(atMost(requests.cpu ?? `${100 * cpus}m`, limits.cpu));
  return {
    requests: { cpu, memory: String(asked + overhead), ...pages },
    ...(Object.keys(most).length === 0 ? {} : { limits: most }),
  };
}

type Limits = NonNullable<NonNullable<InstanceSpec["domain"]["resources"]>["limits"]>;

function limitsOf({ cpu, memory }: Limits, overhead: number): Record<string, string> {
  return {
    ...(cpu === undefined ? {} : { cpu: String(cpu) }),
    ...(memory === undefined ? {} : { memory: String(bytesOf(memory) + overhead) }),
  };
}

function bytesOf(quantity: string | number): number {
  return Math.ceil(parseQuantity(quantity));
}

function atMost(quantity: string | number, limit: string | number | undefined): string | number {
  return limit !== undefined && parseQuantity(limit) < parseQuantity(quantity) ? limit : quantity;
}
