import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { builders } from "../../hack/images/images.ts";
import { run } from "../../hack/lib/exec.ts";
import { repoRoot } from "../../hack/lib/paths.ts";
import { builtKubernetes, setCatalogEntry } from "../support/catalog.ts";
import { deleteNamespace, ownNamespace } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";
import type { Kubectl } from "../support/kubectl.ts";
import {
  CLUSTER_READY_MS,
  LOOK_MS,
  openCluster,
  smallCluster,
  untilReady,
  type CoreOSCluster,
} from "../support/nested.ts";
import { condition } from "../support/objects.ts";

/** As in examples/metrics-server.yaml. */
const name = "lab";
const entry = "coreos-lab-metrics";
/** The kubelets measure every one to two minutes, and a rate takes two measurements. */
const METRICS_MS = 10 * 60_000;

interface Example {
  kind: string;
  spec?: object;
}

interface Metrics {
  items: { metadata: { name: string }; usage?: { cpu: string }; containers?: { usage: { cpu: string } }[] }[];
}

describe("metrics-server in the cluster of examples/metrics-server.yaml", function () {
  this.timeout(CLUSTER_READY_MS + 60_000);
  let host: Kubectl;
  let guest: Kubectl;
  let directory: string;

  before(async function () {
    // The first time metrics-server is compiled.
    this.timeout(60 * 60_000);
    const image = await builders.coreosLab(console.log);
    const payload = await builders.metricsServerPayload(console.log);
    await run(join(repoRoot, "hack/lab.sh"), ["load-image", image.archive, payload.archive]);
    const versions = [await builtKubernetes()];
    await setCatalogEntry(entry, { image: image.ref, payload: payload.ref, versions });
    host = await ownNamespace("metrics");
    directory = await mkdtemp(join(tmpdir(), "nestlet-metrics-"));
  });
  after(async () => {
    await setCatalogEntry(entry, null);
    await rm(directory, { recursive: true });
    await deleteNamespace(host);
  });

  it("has its objects applied, and the cluster becomes Ready", async () => {
    const file = await readFile(join(repoRoot, "examples/metrics-server.yaml"), "utf8");
    const examples = parseAllDocuments(file).map((document) => document.toJS() as Example);
    const { spec: small } = smallCluster(name, 1) as { spec: object };
    // As it is, but for the size of its machines.
    const objects = examples.map((example) =>
      example.kind === "CoreOSCluster" ? { ...example, spec: { ...example.spec, ...small } } : example,
    );
    await host.apply(...objects);
    await untilReady(host, name, 1);
    guest = await openCluster(host, name, directory);
    await eventually(
      async () => {
        const cluster = await host.get<CoreOSCluster>("coreosclusters", name);
        const applied = condition(cluster, "ManifestsApplied");
        assert.equal(applied?.status, "True", applied?.message);
      },
      120_000,
      LOOK_MS,
    );
  });

  it("runs from the image on its own disk, since no registry has it", async () => {
    await guest.run([
      "--namespace=kube-system",
      "rollout",
      "status",
      "deployment/metrics-server",
      "--timeout=600s",
    ]);
  });

  it("tells of both nodes, and of a pod, by the API server", async () => {
    const metrics = async (what: string): Promise<Metrics> =>
      JSON.parse(await guest.run(["get", "--raw", `/apis/metrics.k8s.io/v1beta1/${what}`])) as Metrics;
    await eventually(
      async () => {
        const { items } = await metrics("nodes");
        const names = items.map(({ metadata }) => metadata.name).sort();
        assert.deepEqual(names, [`${name}-master-0`, `${name}-node-0`]);
        for (const { usage } of items) assert.match(usage?.cpu ?? "", /^[1-9]\d*[num]?$/);
        const pods = await metrics("namespaces/kube-system/pods");
        const etcd = pods.items.find(({ metadata }) => metadata.name === `etcd-${name}-master-0`);
        assert.match(etcd?.containers?.[0]?.usage.cpu ?? "", /^[1-9]\d*[num]?$/);
      },
      METRICS_MS,
      LOOK_MS,
    );
  });

  it("has kubectl top show them", async () => {
    const rows = (await guest.run(["top", "nodes", "--no-headers"])).trim().split("\n");
    assert.equal(rows.length, 2, rows.join("\n"));
    for (const row of rows) assert.match(row, /^lab-\S+\s+\d+m\s+\d+%\s+\d+Mi\s+\d+%\s*$/);
    console.log(rows.map((row) => `      ${row}`).join("\n"));
  });
});
