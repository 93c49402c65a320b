import { virtualMachines as machines } from "../../src/api/resources.ts";
import type { Client } from "../../src/kube/client.ts";
import { sharedCluster } from "./harness/cluster.ts";
import { clusterTools } from "./harness/clusters.ts";
import { startAutoscaler, type Controllers } from "./harness/controllers.ts";
import { withController } from "./harness/stage.ts";

/** Kubernetes' own autoscaler. Without a measured load it still keeps to the limits that it is given. */
describe("a HorizontalPodAutoscaler of a cluster", () => {
  let client: Client;
  let namespace: string;
  let autoscaler: Controllers;

  withController((stage) => ({ client, namespace } = stage));

  before(async function () {
    this.timeout(300_000);
    autoscaler = await startAutoscaler((await sharedCluster()).server.kubeconfig);
  });
  after(async () => autoscaler.stop());

  const { create, become, staying } = clusterTools(
    () => client,
    () => namespace,
  );

  it("raises the number of default workers, and lowers it", async function () {
    this.timeout(120_000);
    await create({ workers: { replicas: 1 }, pools: [{ name: "fast", replicas: 1 }] });
    await become(machines, ["lab-fast-0", "lab-master-0", "lab-node-0"]);
    const autoscalers = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`;
    await client.call("POST", autoscalers, {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: { name: "lab" },
      spec: {
        scaleTargetRef: { apiVersion: "nestlet.dev/v1alpha1", kind: "CoreOSCluster", name: "lab" },
        minReplicas: 3,
        maxReplicas: 4,
      },
    });
    await staying(["lab-fast-0", "lab-master-0", "lab-node-0", "lab-node-1", "lab-node-2"]);
    await client.call("PATCH", `${autoscalers}/lab`, { spec: { minReplicas: 1, maxReplicas: 2 } });
    await staying(["lab-fast-0", "lab-master-0", "lab-node-0", "lab-node-1"]);
  });
});
