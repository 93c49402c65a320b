import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { repoRoot } from "../../hack/lib/paths.ts";
import { sharedCluster } from "./harness/cluster.ts";

const plurals: Record<string, string> = {
  ConfigMap: "configmaps",
  VirtualMachine: "virtualmachines",
  CoreOSCluster: "coreosclusters",
  Deployment: "deployments",
  Service: "services",
  PersistentVolumeClaim: "persistentvolumeclaims",
};

interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
}

describe("the examples", () => {
  it("are taken by the API server as they are, field by field", async function () {
    this.timeout(120_000);
    const cluster = await sharedCluster();
    const folder = join(repoRoot, "examples");
    for (const name of (await readdir(folder)).filter((file) => file.endsWith(".yaml"))) {
      const own = await cluster.namespace();
      const documents = parseAllDocuments(await readFile(join(folder, name), "utf8"));
      for (const manifest of documents.map((document) => document.toJS() as Manifest)) {
        const plural = plurals[manifest.kind];
        assert.ok(plural, `${name}: ${manifest.kind}`);
        const root = manifest.apiVersion === "v1" ? "/api/v1" : `/apis/${manifest.apiVersion}`;
        const path = `${root}/namespaces/${own}/${plural}?fieldValidation=Strict&dryRun=All`;
        await cluster.client.call("POST", path, {
          ...manifest,
          metadata: { ...manifest.metadata, namespace: own },
        });
      }
    }
  });
});
