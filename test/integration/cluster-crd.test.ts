import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { parse } from "yaml";
import { ApiError } from "../../src/kube/api-error.ts";
import type { Client } from "../../src/kube/client.ts";
import { sharedCluster } from "./harness/cluster.ts";
import { refusal } from "./harness/refusal.ts";

describe("the API refuses a CoreOSCluster", () => {
  let client: Client;

  before(async function () {
    this.timeout(120_000);
    ({ client } = await sharedCluster());
  });

  it("unless it is one of the examples", async () => {
    const folder = new URL("../../examples/", import.meta.url);
    const files = (await readdir(folder)).filter((file) => file.startsWith("cluster"));
    assert.ok(files.length > 2, files.join());
    for (const file of files) {
      const { kind, metadata, spec } = parse(await readFile(new URL(file, folder), "utf8")) as {
        kind: string;
        metadata: { name: string };
        spec: unknown;
      };
      assert.equal(await refusal(client, kind, spec, metadata.name), "", file);
    }
  });

  it("that would move the cluster's state to another disk", async () => {
    const path = "/apis/nestlet.dev/v1alpha1/namespaces/default/coreosclusters";
    const change = async (from: unknown, to: unknown): Promise<string> => {
      const name = "moved";
      const spec = { controlPlane: { machine: { disk: { persistent: from } } } };
      const object = { apiVersion: "nestlet.dev/v1alpha1", kind: "CoreOSCluster", metadata: { name }, spec };
      await client.call("POST", path, object);
      try {
        const changed = { spec: { controlPlane: { machine: { disk: { persistent: to } } } } };
        await client.call("PATCH", `${path}/${name}`, changed);
        return "";
      } catch (error) {
        if (error instanceof ApiError) return error.message;
        throw error;
      } finally {
        await client.call("DELETE", `${path}/${name}`);
      }
    };
    const says =
      /machine\.disk\.persistent of the control plane cannot be changed: the state of the cluster is on the disk/;
    assert.match(await change({}, null), says);
    assert.match(await change(undefined, {}), says);
    assert.match(await change({ size: "20Gi" }, { size: "30Gi" }), says);
    assert.equal(await change({ size: "20Gi" }, { size: "20Gi" }), "");
  });

  it("whose name cannot be extended to its members'", async () => {
    const message = await refusal(client, "CoreOSCluster", {}, "a.b");
    assert.match(message, /"a\.b" cannot be extended .*use at most 40 characters and no dot/);
  });

  it("whose pools have names that are too long for their members'", async () => {
    const spec = { pools: [{ name: "short" }, { name: "x".repeat(30) }] };
    assert.equal(await refusal(client, "CoreOSCluster", spec, "c".repeat(28)), "");
    const message = await refusal(client, "CoreOSCluster", spec, "c".repeat(29));
    assert.match(
      message,
      /spec\.pools: name "x{30}" is too long .* the cluster "c{29}"; use at most 29 characters/,
    );
  });
});
