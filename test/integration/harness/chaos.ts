import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import {
  virtualMachineInstances,
  virtualMachines,
  type VirtualMachine,
  type VirtualMachineInstance,
} from "../../../src/api/resources.ts";
import type { Client } from "../../../src/kube/client.ts";
import { pods, type KubeObject, type Pod, type Resource } from "../../../src/kube/object.ts";
import type { Cluster } from "./cluster.ts";
import { launchController, type ControllerLife } from "./controller.ts";
import { Kubelet } from "./kubelet.ts";
import { machine } from "./objects.ts";

/** Numbers from 0 up to 1, the same ones for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const faults = ["controller", "API server", "etcd"] as const;

/**
 * Machines that come and go while what they depend on is killed. Three loops go on side by side, each of which takes
 * any error as a thing to try again: users, a kubelet, and whoever starts the controller anew.
 */
export class Chaos {
  readonly #cluster: Cluster;
  readonly #client: Client;
  readonly #namespace: string;
  readonly #random: () => number;
  readonly #loops: Promise<void>[] = [];
  #usersGo = true;
  #over = false;
  #life: ControllerLife | undefined;

  constructor(cluster: Cluster, namespace: string, seed: number) {
    this.#cluster = cluster;
    this.#client = cluster.client;
    this.#namespace = namespace;
    this.#random = randomNumbers(seed);
    this.#loops.push(this.#supervise(), this.#playKubelet());
  }

  /** What the controller that runs now has written. */
  get log(): string {
    return this.#life?.output() ?? "";
  }

  /**
   * Has users work on `names` meanwhile; resolves when what was killed last is up again and the users have stopped.
   * @param told of each fault before it, and how many there were before
   */
  async strike(
    { count, pauseMs, names }: { count: number; pauseMs: number; names: readonly string[] },
    told: (fault: string, done: number) => void,
  ): Promise<void> {
    const users = this.#playUsers(names);
    this.#loops.push(users);
    for (let done = 0; done < count; done++) {
      await sleep(this.#random() * pauseMs);
      const fault = faults[Math.floor(this.#random() * faults.length)] ?? "controller";
      told(fault, done);
      if (fault === "controller") this.#life?.process.kill("SIGKILL");
      if (fault === "API server") await this.#cluster.server.restart();
      if (fault === "etcd") await this.#cluster.server.restartStore();
    }
    this.#usersGo = false;
    await users;
  }

  async stop(): Promise<void> {
    this.#usersGo = false;
    this.#over = true;
    this.#life?.process.kill("SIGKILL");
    await Promise.all(this.#loops);
  }

  async list<T extends KubeObject>(resource: Resource<T>): Promise<T[]> {
    return (await this.#client.listPage(resource, { namespace: this.#namespace }, 500)).items;
  }

  /** Asks for each machine that is there to go. */
  async removeAll(): Promise<void> {
    for (const { metadata } of await this.list(virtualMachines)) {
      await this.#client.delete(virtualMachines, metadata);
    }
  }

  /** Why it cannot be said yet that all is as it should be; undefined when it can. */
  async trouble(): Promise<string | undefined> {
    const [machines, instances, all] = await Promise.all([
      this.list(virtualMachines),
      this.list(virtualMachineInstances),
      this.list(pods),
    ]);
    if (machines.length !== instances.length || machines.length !== all.length) {
      return `${String(machines.length)} machines, ${String(instances.length)} instances, ${String(all.length)} pods`;
    }
    for (const machine of machines) {
      const instance = instances.find((each) => each.metadata.name === machine.metadata.name);
      const pod = all.find((each) => each.metadata.name === instance?.status?.podName);
      const wrong = untruthOf(machine, instance, pod);
      if (wrong !== undefined) return `${machine.metadata.name}: ${wrong}`;
    }
    return undefined;
  }

  async #supervise(): Promise<void> {
    while (!this.#over) {
      this.#life = launchController(this.#cluster.server.kubeconfig, "--log-level", "info");
      const { process } = this.#life;
      if (process.exitCode === null && process.signalCode === null) await once(process, "exit");
      // Sooner it would only take the processor from the API server that it waits for.
      await sleep(500);
    }
  }

  async #playUsers(names: readonly string[]): Promise<void> {
    while (this.#usersGo) {
      await sleep(this.#random() * 100);
      const name = names[Math.floor(this.#random() * names.length)] ?? "";
      const remove = this.#random() < 0.3;
      const target = { namespace: this.#namespace, name };
      await unlessItFails(async () => {
        if (remove) await this.#client.delete(virtualMachines, target);
        else await this.#client.create(virtualMachines, machine(this.#namespace, name, "Always"));
      });
    }
  }

  async #playKubelet(): Promise<void> {
    const kubelet = new Kubelet(this.#client);
    while (!this.#over) {
      await sleep(50);
      await unlessItFails(async () => {
        for (const pod of await this.list(pods)) await unlessItFails(async () => this.#tend(kubelet, pod));
      });
    }
  }

  /** The next thing that a kubelet would do with a pod. Now and then a guest powers itself off. */
  async #tend(kubelet: Kubelet, pod: Pod): Promise<void> {
    const { phase, podIP } = pod.status ?? {};
    const over = phase === "Succeeded" || phase === "Failed";
    if (pod.metadata.deletionTimestamp !== undefined) {
      if (over || podIP === undefined) await kubelet.remove(pod);
      else await kubelet.ended(pod, { reason: "Stopped", message: "the guest shut down" });
      return;
    }
    if (over) return;
    if (pod.spec.nodeName === undefined) await kubelet.bind(pod);
    else if (podIP === undefined) await kubelet.running(pod, addressOf(this.#random()));
    else if (this.#usersGo && this.#random() < 0.01) {
      await kubelet.ended(pod, { reason: "GuestShutdown", message: "the guest powered itself off" });
    }
  }
}

/** What is said of a machine that does not run, or not so. */
function untruthOf(
  { status }: VirtualMachine,
  instance: VirtualMachineInstance | undefined,
  pod: Pod | undefined,
): string | undefined {
  const { phase, interfaces } = instance?.status ?? {};
  const said = `${String(status?.printableStatus)}, ${String(phase)}`;
  if (status?.printableStatus !== "Running" || phase !== "Running") return said;
  return pod?.status?.podIP === interfaces?.[0]?.ipAddress ? undefined : `${said}, at another address`;
}

function addressOf(random: number): string {
  const number = Math.floor(random * 60_000);
  return `10.244.${String(number >> 8)}.${String(number & 255)}`;
}

async function unlessItFails(work: () => Promise<void>): Promise<void> {
  await work().catch(() => undefined);
}
