import assert from "node:assert/strict";
import { GuestObjects } from "../../src/controller/coreos-cluster/guest-objects.ts";
import {
  applyManifests,
  readManifests,
  type ManifestsVerdict,
} from "../../src/controller/coreos-cluster/manifests.ts";
import type { Client } from "../../src/kube/client.ts";
import { configMaps, secrets } from "../../src/kube/object.ts";
import { sharedCluster } from "./harness/cluster.ts";

/** The API server stands for both, the host's and the guest's: what is looked at is what it says to manifests. */
describe("the manifests of a cluster", () => {
  let client: Client;
  let namespace: string;

  before(async function () {
    this.timeout(120_000);
    const cluster = await sharedCluster();
    client = cluster.client;
    namespace = await cluster.namespace();
  });

  const apply = async (name: string, text: string): Promise<ManifestsVerdict> => {
    const data = { "all.yaml": text };
    await client.apply(configMaps, { metadata: { namespace, name }, data });
    const spec = { manifests: [{ configMapRef: { name } }] };
    const read = await readManifests(spec, async (each) => client.find(configMaps, namespace, each));
    const objects = new GuestObjects(client);
    return applyManifests(read, async (object) => objects.apply(object));
  };

  it("are applied, whatever their kinds, and again when they have changed", async () => {
    const text = (value: string): string => `
apiVersion: v1
kind: Namespace
metadata: { name: ${namespace}-more }
---
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Secret
  metadata: { name: s, namespace: ${namespace}-more }
  stringData: { key: ${value} }
- apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRole
  metadata: { name: ${namespace}, namespace: ignored }
`;
    assert.deepEqual(await apply("good", text("one")), {
      status: "True",
      reason: "ManifestsApplied",
      message: "3 objects",
    });
    await apply("good", text("two"));
    const secret = await client.get(secrets, `${namespace}-more`, "s");
    assert.equal(Buffer.from(secret.data?.["key"] ?? "", "base64").toString(), "two");
  });

  it("are refused in the API server's words", async () => {
    const { reason, message } = await apply(
      "bad",
      `
apiVersion: v1
kind: Secret
metadata: { name: a_b, namespace: ${namespace} }
---
apiVersion: example.com/v1
kind: Widget
metadata: { name: w }
`,
    );
    assert.equal(reason, "ManifestRefused");
    assert.match(
      message,
      /^ConfigMap bad, key all\.yaml, document 1 \(line 2\), Secret t-\d+\/a_b: .*metadata\.name: Invalid value: "a_b".* \(and 1 more\)$/s,
    );
  });

  it("wait for a kind that nobody has defined yet", async () => {
    const { message } = await apply(
      "kinds",
      "{apiVersion: example.com/v1, kind: Widget, metadata: {name: w}}",
    );
    assert.match(
      message,
      /the cluster knows no Widget of example\.com\/v1; its CustomResourceDefinition has to/,
    );
  });
});
