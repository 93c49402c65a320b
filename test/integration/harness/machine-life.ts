import type { Client } from "../../../src/kube/client.ts";
import { virtualMachines, type VirtualMachine } from "../../../src/api/resources.ts";
import type { Ending } from "../../../src/launch-plan/pod-contract.ts";
import { eventually } from "./cluster.ts";
import { Kubelet } from "./kubelet.ts";
import { Watcher } from "./objects.ts";

/** The life of one machine in a namespace of its own, with the kubelet's part in it. */
export class MachineLife {
  readonly watcher: Watcher;
  readonly kubelet: Kubelet;
  readonly #client: Client;
  readonly #target: { namespace: string; name: string };

  constructor(client: Client, namespace: string, name = "a") {
    this.watcher = new Watcher(client, namespace);
    this.kubelet = new Kubelet(client);
    this.#client = client;
    this.#target = { namespace, name };
  }

  /** Waits for a printable status. */
  async shows(status: string): Promise<VirtualMachine> {
    const { name } = this.#target;
    return this.watcher.machine(name, status, (found) => found.status?.printableStatus === status);
  }

  /** Brings the present run to Running and returns its UID. */
  async runs(): Promise<string> {
    const { name } = this.#target;
    const pod = await this.watcher.podOf(name);
    await this.kubelet.bind(pod);
    await this.kubelet.running(pod);
    const { metadata } = await this.watcher.instance(name, "Running", ({ phase }) => phase === "Running");
    return metadata.uid;
  }

  /** Ends the present run as its launcher would. */
  async ends(ending: Ending): Promise<void> {
    await this.kubelet.ended(await this.watcher.podOf(this.#target.name), ending);
  }

  /** Stands in for the kubelet when the pod of a run is deleted. */
  async podGoes(): Promise<void> {
    await eventually("the pod is being deleted", async () => {
      const [pod] = await this.watcher.pods();
      if (pod === undefined) return true;
      if (pod.metadata.deletionTimestamp === undefined) return undefined;
      await this.kubelet.remove(pod);
      return true;
    });
  }

  /** As `kubectl annotate vm NAME nestlet.dev/request=ACTION`; resolves when the controller has answered. */
  async request(action: string): Promise<NonNullable<NonNullable<VirtualMachine["status"]>["lastRequest"]>> {
    await this.annotate("nestlet.dev/request", action);
    const answered = await this.watcher.machine(
      this.#target.name,
      `an answer to ${action}`,
      ({ status, metadata }) =>
        status?.lastRequest?.action === action && metadata.annotations?.["nestlet.dev/request"] === undefined,
    );
    return answered.status?.lastRequest ?? { action, accepted: false, time: "" };
  }

  async annotate(name: string, value: string | null): Promise<void> {
    await this.patch({ metadata: { annotations: { [name]: value } } });
  }

  async patch(change: object): Promise<void> {
    await this.#client.mergePatch(virtualMachines, this.#target, change);
  }
}
