import type { Client } from "../../../src/kube/client.ts";
import { Nestctl, type Said } from "../../support/nestctl.ts";
import { sharedCluster, type Cluster } from "./cluster.ts";

export interface NestctlStage {
  cluster: Cluster;
  client: Client;
  nestctl: Nestctl;
  /** A new one for each test. */
  namespace: string;
}

/** nestctl as people get it, and a namespace of the shared cluster that it is sent to. */
export function withNestctl(set: (stage: NestctlStage) => void): {
  flags: () => string[];
  run: (...words: string[]) => Promise<string>;
  attempt: (...words: string[]) => Promise<Said>;
} {
  let cluster: Cluster;
  let nestctl: Nestctl;
  let namespace: string;

  before(async function () {
    this.timeout(240_000);
    nestctl = await Nestctl.build();
    cluster = await sharedCluster();
  });
  beforeEach(async () => {
    namespace = await cluster.namespace();
    set({ cluster, client: cluster.client, nestctl, namespace });
  });
  after(async () => nestctl.remove());

  const flags = (): string[] => ["--kubeconfig", cluster.server.kubeconfig, "-n", namespace];
  return {
    flags,
    run: async (...words) => nestctl.run([...flags(), ...words]),
    attempt: async (...words) => nestctl.try([...flags(), ...words]),
  };
}
