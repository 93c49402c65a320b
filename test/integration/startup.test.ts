import assert from "node:assert/strict";
import {
  virtualMachineInstances as instances,
  virtualMachines as machines,
} from "../../src/api/resources.ts";
import { startApiServer, type ApiServer } from "./harness/api-server.ts";
import { renderChart, sharedCluster, type Cluster } from "./harness/cluster.ts";
import { runController, startController } from "./harness/controller.ts";
import { Kubelet } from "./harness/kubelet.ts";
import { machine, Watcher } from "./harness/objects.ts";

const address = ["--metrics-address", "127.0.0.1:0"];
const image = ["--launcher-image", "nestlet.dev/launcher:test", ...address];

describe("the controller's start", () => {
  let cluster: Cluster;
  let empty: ApiServer;

  before(async function () {
    this.timeout(120_000);
    [cluster, empty] = await Promise.all([sharedCluster(), startApiServer()]);
  });

  after(async () => {
    await empty.stop();
  });

  const endsWith = async (args: readonly string[], line: RegExp): Promise<void> => {
    const { code, output } = await runController(args);
    assert.equal(code, 1, output);
    const lines = output.split("\n").filter((text) => text.startsWith("controller: "));
    assert.equal(lines.length, 1, output);
    assert.match(lines[0] ?? "", line);
  };

  it("refuses a wrong flag", async () => {
    await endsWith(["--luncher-image", "x"], /^controller: Unknown option '--luncher-image'; see --help$/);
  });

  it("names the flag that is missing", async () => {
    await endsWith(
      [],
      /^controller: --launcher-image is missing; give the reference of the launcher's image$/,
    );
  });

  it("names a kubeconfig that cannot be used", async () => {
    await endsWith(
      [...image, "--kubeconfig", "/nowhere"],
      /^controller: kubeconfig \/nowhere cannot be used: ENOENT/,
    );
  });

  it("names an API server that cannot be reached", async () => {
    const stopped = await startApiServer();
    const kubeconfig = stopped.kubeconfig;
    await stopped.stopServer();
    try {
      await endsWith(
        [...image, "--kubeconfig", kubeconfig],
        /^controller: API server https:\/\/127\.0\.0\.1:\d+ cannot be reached: .*ECONNREFUSED/,
      );
    } finally {
      await stopped.stop();
    }
  });

  it("names the kinds that are missing, and how to install them", async () => {
    await endsWith(
      [...image, "--kubeconfig", empty.kubeconfig],
      /^controller: the cluster does not know virtualmachines\.nestlet\.dev, .*: install .*kubectl apply -f crds\//,
    );
  });

  it("names the permissions that are missing", async () => {
    const kubeconfig = await cluster.server.kubeconfigFor("nobody");
    await endsWith(
      [...image, "--kubeconfig", kubeconfig, "--leader-elect"],
      /^controller: the controller's account may not: .*get, list, watch, create, delete pods; .*; create leases in namespace nestlet-system; get, patch leases in namespace nestlet-system\. Bind it to the role of the Helm chart/,
    );
  });

  it("says so when its address is taken", async () => {
    const running = await startController(cluster.server.kubeconfig);
    const port = /"port":(\d+)/.exec(running.output())?.[1] ?? "";
    try {
      await endsWith(
        [
          ...["--launcher-image", "x", "--kubeconfig", cluster.server.kubeconfig],
          ...["--metrics-address", `127.0.0.1:${port}`],
        ],
        /^controller: --metrics-address 127\.0\.0\.1:\d+: listen EADDRINUSE/,
      );
    } finally {
      assert.equal(await running.terminate(), 0);
    }
  });

  it("needs no more than the chart's roles", async () => {
    const { client, server } = cluster;
    for (const object of await renderChart("rbac.yaml")) {
      const { kind } = object;
      const scope = kind.startsWith("Cluster") ? "" : "/namespaces/nestlet-system";
      await client.call("POST", `/apis/rbac.authorization.k8s.io/v1${scope}/${kind.toLowerCase()}s`, object);
    }
    const controller = await startController(await server.kubeconfigFor("controller"), "--leader-elect");
    const kubelet = new Kubelet(client);
    const namespace = await cluster.namespace();
    const watcher = new Watcher(client, namespace);
    await client.create(machines, machine(namespace, "a", "Always"));
    const pod = await watcher.podOf("a");
    await kubelet.bind(pod);
    await kubelet.running(pod);
    await watcher.machine("a", "Running", ({ status }) => status?.printableStatus === "Running");
    await client.delete(machines, { namespace, name: "a" });
    await watcher.instance("a", "not Ready", (status) => status.conditions?.[0]?.reason === "PodTerminating");
    await kubelet.remove(pod);
    await watcher.gone(instances, "a");
    await watcher.gone(machines, "a");
    assert.deepEqual(await watcher.eventReasons("VirtualMachineInstance", "a"), [
      "SuccessfulCreate",
      "Started",
    ]);
    assert.equal(await controller.terminate(), 0);
    assert.doesNotMatch(controller.output(), /forbidden/);
  });
});
