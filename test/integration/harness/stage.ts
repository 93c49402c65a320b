import type { Client } from "../../../src/kube/client.ts";
import { sharedCluster, type Cluster } from "./cluster.ts";
import { startController, type RunningController } from "./controller.ts";
import { Kubelet } from "./kubelet.ts";
import { Watcher } from "./objects.ts";

/** What a test works with. */
export interface Stage {
  readonly cluster: Cluster;
  readonly client: Client;
  readonly kubelet: Kubelet;
  /** The test's own. */
  readonly namespace: string;
  /** Looks into that namespace. */
  readonly watcher: Watcher;
}

/** The controller of a `describe`. */
export interface ControllerOnStage {
  kill(): Promise<void>;
  /** Starts the next one, after a kill. */
  start(): Promise<void>;
  output(): string;
  get(path: string): Promise<string>;
}

/**
 * Has the tests of a `describe` run beside one controller, each in a namespace of its own.
 * @param take given the stage before each test
 * @param flags of the controller, beside those that it always has
 */
export function withController(
  take: (stage: Stage) => unknown,
  ...flags: readonly string[]
): ControllerOnStage {
  let cluster: Cluster;
  let running: RunningController | undefined;
  const start = async (): Promise<void> => {
    running = await startController(cluster.server.kubeconfig, ...flags);
  };
  const current = (): RunningController => {
    if (running === undefined) throw new Error("the controller was killed and not started again");
    return running;
  };

  before(async function () {
    this.timeout(120_000);
    cluster = await sharedCluster();
    await start();
  });

  beforeEach(async () => {
    const { client } = cluster;
    const namespace = await cluster.namespace();
    const watcher = new Watcher(client, namespace);
    take({ cluster, client, kubelet: new Kubelet(client), namespace, watcher });
  });

  after(async () => {
    await running?.terminate();
  });

  return {
    start,
    kill: async () => {
      await current().kill();
      running = undefined;
    },
    output: () => current().output(),
    get: async (path) => current().get(path),
  };
}
