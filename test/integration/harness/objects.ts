import {
  virtualMachineInstances,
  virtualMachines,
  type InstanceSpec,
  type InstanceStatus,
  type RunStrategy,
  type VirtualMachine,
  type VirtualMachineInstance,
  type VirtualMachineSpec,
} from "../../../src/api/resources.ts";
import { launcherPodName } from "../../../src/api/names.ts";
import type { Client } from "../../../src/kube/client.ts";
import { pods, type Draft, type KubeObject, type Pod, type Resource } from "../../../src/kube/object.ts";
import { eventually } from "./cluster.ts";
import { guest } from "./guest-spec.ts";

export { guest };

export function instance(
  namespace: string,
  name: string,
  spec: InstanceSpec = guest,
): Draft<VirtualMachineInstance> {
  return { metadata: { namespace, name }, spec };
}

export function machine(
  namespace: string,
  name: string,
  runStrategy: RunStrategy,
  template: Partial<VirtualMachineSpec["template"]> = {},
): Draft<VirtualMachine> {
  return { metadata: { namespace, name }, spec: { runStrategy, template: { spec: guest, ...template } } };
}

/** What tests wait for, in one namespace. */
export class Watcher {
  readonly #client: Client;
  readonly #namespace: string;

  constructor(client: Client, namespace: string) {
    this.#client = client;
    this.#namespace = namespace;
  }

  /** The instance, once it is as wanted. */
  async instance(
    name: string,
    what: string,
    wanted: (status: InstanceStatus, instance: VirtualMachineInstance) => boolean,
  ): Promise<VirtualMachineInstance> {
    return this.#until(virtualMachineInstances, name, what, (found) => wanted(found.status ?? {}, found));
  }

  async machine(
    name: string,
    what: string,
    wanted: (machine: VirtualMachine) => boolean,
  ): Promise<VirtualMachine> {
    return this.#until(virtualMachines, name, what, wanted);
  }

  /** The launcher pod of an instance that exists. */
  async podOf(instanceName: string): Promise<Pod> {
    return eventually(`instance ${instanceName} has a pod`, async () => {
      const found = await this.#client.find(virtualMachineInstances, this.#namespace, instanceName);
      if (found === undefined) return undefined;
      return this.#client.find(pods, this.#namespace, launcherPodName(found.metadata));
    });
  }

  async pods(): Promise<Pod[]> {
    const { items } = await this.#client.listPage(pods, { namespace: this.#namespace }, 500);
    return items;
  }

  async gone(resource: Resource<KubeObject>, name: string): Promise<void> {
    await eventually(`${resource.kind} ${name} is gone`, async () =>
      (await this.#client.find(resource, this.#namespace, name)) === undefined ? true : undefined,
    );
  }

  /** Reasons of the Events about an object, in the order of their making. */
  async eventReasons(kind: string, name: string): Promise<string[]> {
    const path = `/apis/events.k8s.io/v1/namespaces/${this.#namespace}/events`;
    const { items } = await this.#client.call<{
      items: { reason: string; eventTime: string; regarding: { kind: string; name: string } }[];
    }>("GET", path);
    return items
      .filter(({ regarding }) => regarding.kind === kind && regarding.name === name)
      .sort((a, b) => a.eventTime.localeCompare(b.eventTime))
      .map(({ reason }) => reason);
  }

  async #until<T extends KubeObject>(
    resource: Resource<T>,
    name: string,
    what: string,
    wanted: (object: T) => boolean,
  ): Promise<T> {
    let last: T | undefined;
    try {
      return await eventually(what, async () => {
        last = await this.#client.find(resource, this.#namespace, name);
        return last !== undefined && wanted(last) ? last : undefined;
      });
    } catch (error) {
      throw new Error(`${resource.kind} ${name} is otherwise: ${JSON.stringify(last)}`, { cause: error });
    }
  }
}
