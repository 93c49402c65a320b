import assert from "node:assert/strict";
import { CATALOG_CONFIG_MAP, DEFAULT_IMAGE_ANNOTATION } from "../../src/api/metadata.ts";
import { coreOSClusters as clusters, virtualMachines as machines } from "../../src/api/resources.ts";
import type { IgnitionConfig } from "../../src/guest-config/ignition.ts";
import { PAYLOAD_SERIAL } from "../../src/guest-config/payload.ts";
import { ApiError } from "../../src/kube/api-error.ts";
import type { Client } from "../../src/kube/client.ts";
import { configMaps, secrets } from "../../src/kube/object.ts";
import { eventually, sharedCluster } from "./harness/cluster.ts";
import { clusterTools } from "./harness/clusters.ts";
import { startController, type RunningController } from "./harness/controller.ts";

const image = "nestlet.dev/coreos-lab:1.36";

describe("the catalog", () => {
  let client: Client;
  let controller: RunningController;
  /** Of the test's own catalog and cluster. */
  let namespace: string;

  beforeEach(async function () {
    this.timeout(120_000);
    const cluster = await sharedCluster();
    client = cluster.client;
    namespace = await cluster.namespace();
    controller = await startController(
      cluster.server.kubeconfig,
      ...["--namespaces", namespace, "--catalog-namespace", namespace],
    );
  });

  afterEach(async () => {
    await controller.terminate();
  });

  const { create, become, names, says } = clusterTools(
    () => client,
    () => namespace,
  );

  const catalog = async (
    data: Record<string, string>,
    annotations: Record<string, string> = {},
  ): Promise<void> => {
    await client.apply(configMaps, { metadata: { namespace, name: CATALOG_CONFIG_MAP, annotations }, data });
  };

  const source = async (): Promise<object | undefined> =>
    (await client.get(clusters, namespace, "lab")).status?.source;

  const rootOf = async (member: string): Promise<string | undefined> => {
    const { spec } = await client.get(machines, namespace, member);
    return spec.template.spec.volumes?.[0]?.registryDisk?.image;
  };

  const ignitionOf = async (member: string): Promise<IgnitionConfig> => {
    const { data } = await client.get(secrets, namespace, `${member}-ignition`);
    return JSON.parse(Buffer.from(data?.["userdata"] ?? "", "base64").toString()) as IgnitionConfig;
  };

  it("tells what a cluster is made from, once and for all", async () => {
    await catalog({ mine: "default: true\nimage: r.example/mine:1\nversions: [v1.35.1, v1.36.2]" });
    await create({ workers: { replicas: 0 } });
    await become(machines, ["lab-master-0"]);
    assert.deepEqual(await source(), {
      image: "r.example/mine:1",
      version: "v1.36.2",
      catalogEntry: "mine",
    });
    assert.equal(await rootOf("lab-master-0"), "r.example/mine:1");
    await catalog({ mine: "default: true\nimage: r.example/mine:2\nversions: [v1.37.0]" });
    await client.mergePatch(clusters, { namespace, name: "lab" }, { spec: { workers: { replicas: 1 } } });
    await become(machines, ["lab-master-0", "lab-node-0"]);
    assert.equal(await rootOf("lab-node-0"), "r.example/mine:1");
    for (const spec of [{ image: "other" }, { version: "v1.37.0" }]) {
      await assert.rejects(
        client.mergePatch(clusters, { namespace, name: "lab" }, { spec }),
        (error: Error) => error instanceof ApiError && /which cannot be changed/.test(error.message),
      );
    }
  });

  it("has the default that its annotation names where entries say more than one", async () => {
    const entry = "default: true\nversions: [v1.36.2]\nimage: r.example";
    await catalog(
      { charts: `${entry}/charts:1`, mine: `${entry}/mine:1` },
      { [DEFAULT_IMAGE_ANNOTATION]: "mine" },
    );
    await create({ workers: { replicas: 0 } });
    await become(machines, ["lab-master-0"]);
    assert.equal(await rootOf("lab-master-0"), "r.example/mine:1");
  });

  it("gives every member a disk with Kubernetes where the image does not hold it", async () => {
    const flatcar =
      "image: r.example/flatcar:1\npayload: r.example/payload:1\nversions: [v1.36.3]\nignition: {flavour: flatcar}";
    await catalog({ flatcar });
    await create({ image: "flatcar", workers: { replicas: 1 } });
    await become(machines, ["lab-master-0", "lab-node-0"]);
    assert.deepEqual(await source(), {
      image: "r.example/flatcar:1",
      payload: "r.example/payload:1",
      flavour: "flatcar",
      version: "v1.36.3",
      catalogEntry: "flatcar",
    });
    for (const member of ["lab-master-0", "lab-node-0"]) {
      const { spec } = (await client.get(machines, namespace, member)).spec.template;
      const disks = spec.domain.devices?.disks ?? [];
      const payload = disks.find(({ name }) => name === "payload");
      assert.equal(payload?.serial, PAYLOAD_SERIAL);
      assert.equal(payload.disk?.readonly, true);
      assert.equal(
        spec.volumes?.find(({ name }) => name === "payload")?.registryDisk?.image,
        "r.example/payload:1",
      );
      const units = (await ignitionOf(member)).systemd.units.map(({ name }) => name);
      for (const unit of ["nestlet-payload.service", "locksmithd.service"])
        assert.ok(units.includes(unit), unit);
    }
  });

  it("makes a cluster wait that it does not know the image of, until it is corrected", async function () {
    this.timeout(90_000);
    await create({ image: "lab", version: "v1.36.3", workers: { replicas: 0 } });
    await says(
      "Ready",
      /^False UnknownImage: spec\.image lab is not in the catalog \(ConfigMap t-\d+\/nestlet-catalog\), which does not exist/,
    );
    await catalog({ lab: `image: ${image}\nversions: [v1.35.0]` });
    await says(
      "InfrastructureReady",
      /^False UnknownVersion: spec\.version v1\.36\.3 is not in the image: .* v1\.35\.0/,
    );
    assert.deepEqual(await names(machines), []);
    await catalog({ lab: `image: ${image}\nversions: [v1.36.3]` });
    await eventually(
      "the master is made",
      async () => ((await names(machines)).length > 0 ? true : undefined),
      40_000,
    );
    assert.deepEqual(await source(), { image, version: "v1.36.3", catalogEntry: "lab" });
  });

  it("lets the spec be corrected as long as nothing is made from it", async () => {
    await catalog({ lab: `image: ${image}\nversions: [v1.36.3]` });
    await create({ image: "lap", workers: { replicas: 0 } });
    await says("Ready", /^False UnknownImage: spec\.image lap is not in the catalog .* which has lab;/);
    await client.mergePatch(clusters, { namespace, name: "lab" }, { spec: { image: "lab" } });
    await become(machines, ["lab-master-0"]);
  });

  it("is not needed for an image with its version", async () => {
    await create({ image: "r.example/other:7", version: "v1.34.2", workers: { replicas: 0 } });
    await become(machines, ["lab-master-0"]);
    assert.deepEqual(await source(), { image: "r.example/other:7", version: "v1.34.2" });
  });
});
