import type { Devices, InstanceSpec } from "../../api/resources.ts";
import type { InterfacePlan, PortPlan } from "../../launch-plan/launch-plan.ts";

type Interface = NonNullable<Devices["interfaces"]>[number];
type Networks = InstanceSpec["networks"];

/** KubeVirt's private networks: what its users know their guests by. */
const DEFAULT_NETWORK = "10.0.2.0/24";
const DEFAULT_NETWORK6 = "fd10:0:2::/120";

/** A guest that lists no interface gets one on the pod network, unless that is switched off. */
export function interfacePlansOf({
  domain,
  networks,
}: Pick<InstanceSpec, "domain" | "networks">): InterfacePlan[] {
  const { interfaces: listed = [], autoattachPodInterface } = domain.devices ?? {};
  if (listed.length === 0) {
    return autoattachPodInterface === false ? [] : [{ name: "default", binding: "bridge", model: "virtio" }];
  }
  return listed.map((nic) => interfacePlanOf(nic, networks));
}

function interfacePlanOf(nic: Interface, networks: Networks): InterfacePlan {
  const { name, model = "virtio", macAddress } = nic;
  const common = {
    name,
    model,
    ...(macAddress === undefined ? {} : { macAddress: macAddress.toLowerCase() }),
  };
  if (nic.masquerade === undefined) return { ...common, binding: "bridge" };
  const pod = networks?.find((network) => network.name === name)?.pod;
  return {
    ...common,
    binding: "masquerade",
    network: pod?.vmNetworkCIDR ?? DEFAULT_NETWORK,
    network6: pod?.vmIPv6NetworkCIDR ?? DEFAULT_NETWORK6,
    ...(nic.ports === undefined || nic.ports.length === 0 ? {} : { ports: nic.ports.map(portOf) }),
  };
}

function portOf({ port, protocol = "TCP" }: NonNullable<Interface["ports"]>[number]): PortPlan {
  return { protocol, port };
}
