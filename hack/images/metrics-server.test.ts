import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { repoRoot } from "../lib/paths.ts";
import { metricsServerReference } from "./metrics-server.ts";

interface Part {
  kind: string;
  data?: Record<string, string>;
  spec?: { template?: { spec: { containers: { image: string; imagePullPolicy: string }[] } } };
}

function partsOf(text: string): Part[] {
  return parseAllDocuments(text).map((document) => {
    assert.deepEqual(document.errors, []);
    return document.toJS() as Part;
  });
}

describe("the image of metrics-server", () => {
  it("is the one that the example runs, and never asks a registry for", async () => {
    const file = readFileSync(join(repoRoot, "examples/metrics-server.yaml"), "utf8");
    const [configMap] = partsOf(file);
    const objects = Object.values(configMap?.data ?? {}).flatMap(partsOf);
    const deployment = objects.find(({ kind }) => kind === "Deployment");
    const [container] = deployment?.spec?.template?.spec.containers ?? [];
    assert.equal(container?.image, await metricsServerReference());
    assert.equal(container.imagePullPolicy, "Never");
    // And its disk goes by the same version.
    const [, version = ""] = container.image.split(":");
    assert.ok(file.includes(`nestlet.dev/metrics-server-payload:${version}\n`));
  });
});
