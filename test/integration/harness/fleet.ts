import {
  virtualMachineInstances,
  virtualMachines,
  type VirtualMachineInstance,
} from "../../../src/api/resources.ts";
import type { Client } from "../../../src/kube/client.ts";
import { pods, type KubeObject, type Pod, type Resource } from "../../../src/kube/object.ts";
import { endOfLog, ownOf, writesIn, type Write } from "./audit.ts";
import {
  eventually,
  installAdmission,
  renderChart,
  startCluster,
  stopCluster,
  type Cluster,
} from "./cluster.ts";
import { startController, startProgram, type Program, type RunningController } from "./controller.ts";
import { startKwokNodes, type KwokNodes } from "./kwok.ts";
import { machine } from "./objects.ts";

/** Writes at the same time: more only wait in the API server. */
const atOnce = 16;
/** Between two looks: of ten thousand machines each one costs the controller a tenth of a second. */
const lookMs = 1_000;

export interface FleetOptions {
  nodes: number;
  /** How much memory each of Kubernetes' programs may take: `2GiB`. */
  goMemory: string;
  /** The controller; left out, its source. */
  program?: Program;
}

/**
 * Many machines on nodes without machines, with a real API server and scheduler, and the controller with the rights
 * and the admission policy that the chart gives it.
 */
export class Fleet {
  readonly client: Client;
  readonly namespace: string;
  readonly #cluster: Cluster;
  readonly #nodes: KwokNodes;
  readonly #program: Program | undefined;
  #controller: RunningController | undefined;

  private constructor(cluster: Cluster, nodes: KwokNodes, namespace: string, program: Program | undefined) {
    this.client = cluster.client;
    this.namespace = namespace;
    this.#cluster = cluster;
    this.#nodes = nodes;
    this.#program = program;
  }

  static async start({ nodes, goMemory, program }: FleetOptions): Promise<Fleet> {
    const cluster = await startCluster({ audit: true, goMemory });
    try {
      for (const object of await renderChart("rbac.yaml")) await createRole(cluster.client, object);
      await installAdmission(cluster.client);
      const running = await startKwokNodes(cluster, nodes, goMemory);
      return new Fleet(cluster, running, await cluster.namespace(), program);
    } catch (error) {
      await stopCluster(cluster);
      throw error;
    }
  }

  get controller(): RunningController {
    if (this.#controller === undefined) throw new Error("startController comes first");
    return this.#controller;
  }

  async startController(): Promise<void> {
    const kubeconfig = await this.#cluster.server.kubeconfigFor("controller");
    const flags = ["--leader-elect", "--log-level", "info"];
    this.#controller = await (this.#program === undefined
      ? startController(kubeconfig, ...flags)
      : startProgram(this.#program, kubeconfig, ...flags));
  }

  /** Machines `vm-<from>` up to, but without, `vm-<to>`. */
  async create(from: number, to: number): Promise<void> {
    await inParallel(range(from, to), async (index) => {
      await this.client.create(virtualMachines, machine(this.namespace, nameOf(index), "Always"));
    });
  }

  async remove(from: number, to: number): Promise<void> {
    await inParallel(range(from, to), async (index) => {
      await this.client.delete(virtualMachines, { namespace: this.namespace, name: nameOf(index) });
    });
  }

  /** Waits until the controller says of this many machines that they are Running. */
  async running(count: number, timeoutMs: number): Promise<void> {
    let seen = 0;
    const all = async (): Promise<true | undefined> => {
      seen = await this.metric('nestlet_vm_status_count{status="Running"}');
      return seen === count ? true : undefined;
    };
    await this.until(`${String(count)} machines are Running`, all, timeoutMs).catch((error: unknown) => {
      const last = this.controller.output().split("\n").slice(-10).join("\n");
      throw new Error(`${String(seen)} of ${String(count)} machines are Running\n${last}`, { cause: error });
    });
  }

  /** As eventually, with looks that cost the controller and the API server little. */
  async until<T>(what: string, look: () => Promise<T | undefined>, timeoutMs: number): Promise<T> {
    return eventually(what, look, timeoutMs, lookMs);
  }

  /** Waits until there is no machine, no instance and no pod. */
  async gone(timeoutMs: number): Promise<void> {
    for (const resource of [virtualMachines, virtualMachineInstances, pods] as Resource<KubeObject>[]) {
      const nothing = async (): Promise<true | undefined> => {
        const { items } = await this.client.listPage(resource, { namespace: this.namespace }, 1);
        return items.length === 0 ? true : undefined;
      };
      await this.until(`no ${resource.plural} are left`, nothing, timeoutMs);
    }
  }

  async instances(): Promise<VirtualMachineInstance[]> {
    return this.#list(virtualMachineInstances);
  }

  async pods(): Promise<Pod[]> {
    return this.#list(pods);
  }

  /** A sample of the controller's /metrics, 0 when it has none of this name and labels. */
  async metric(sample: string): Promise<number> {
    const lines = (await this.controller.get("/metrics")).split("\n");
    return Number(lines.find((line) => line.startsWith(`${sample} `))?.slice(sample.length + 1) ?? 0);
  }

  /** All samples of the controller's /metrics that begin so, added up. */
  async sum(beginning: string): Promise<number> {
    const lines = (await this.controller.get("/metrics")).split("\n");
    return lines
      .filter((line) => line.startsWith(beginning))
      .reduce((total, line) => total + Number(line.split(" ").at(-1)), 0);
  }

  /** A place in the log of writes: now. */
  async mark(): Promise<number> {
    return endOfLog(this.#cluster.server.auditLog);
  }

  /** What everybody has written since then. */
  async writes(since = 0): Promise<Write[]> {
    return writesIn(this.#cluster.server.auditLog, since);
  }

  /** What the controller has written since then, without its Lease. */
  async ownWrites(since = 0): Promise<Write[]> {
    return ownOf(await this.writes(since));
  }

  async stop(): Promise<void> {
    await this.#controller?.kill();
    await this.#nodes.stop();
    await stopCluster(this.#cluster);
  }

  async #list<T extends KubeObject>(resource: Resource<T>): Promise<T[]> {
    const found: T[] = [];
    let next = "";
    do {
      const page = await this.client.listPage(resource, { namespace: this.namespace }, 500, next);
      found.push(...page.items);
      ({ next } = page);
    } while (next !== "");
    return found;
  }
}

/** Does something for each of many, a few at a time. */
export async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  const worker = async (): Promise<void> => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

function nameOf(index: number): string {
  return `vm-${String(index)}`;
}

async function createRole(client: Client, role: KubeObject): Promise<void> {
  const scope = role.kind.startsWith("Cluster") ? "" : `/namespaces/${role.metadata.namespace}`;
  await client.call("POST", `/apis/rbac.authorization.k8s.io/v1${scope}/${role.kind.toLowerCase()}s`, role);
}
