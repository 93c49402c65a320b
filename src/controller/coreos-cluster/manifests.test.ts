import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { ManualClock } from "../../../test/support/manual-clock.ts";
import type { CoreOSCluster } from "../../api/resources.ts";
import { ApiError, UnreachableError } from "../../kube/api-error.ts";
import type { ConfigMap } from "../../kube/object.ts";
import { Manifests, type ApplyObject } from "./manifests.ts";

const metadata = { namespace: "a", name: "lab", uid: "u", resourceVersion: "1", creationTimestamp: "" };

function document(name: string): string {
  return `apiVersion: v1\nkind: Secret\nmetadata: { name: ${name} }\n`;
}

describe("Manifests", () => {
  let clock: ManualClock;
  let stored: Record<string, Record<string, string>>;
  let applied: string[];
  let apply: ApplyObject;
  let manifests: Manifests;
  let references: { configMapRef: { name: string; key?: string } }[];

  beforeEach(() => {
    clock = new ManualClock();
    stored = { extras: { b: document("two"), a: `${document("one")}---\n${document("more")}` } };
    applied = [];
    references = [{ configMapRef: { name: "extras" } }];
    apply = async ({ metadata: { name } }) => {
      applied.push(name);
      return Promise.resolve();
    };
    manifests = new Manifests(async (namespace, name): Promise<ConfigMap | undefined> => {
      const data = stored[name];
      const found = { apiVersion: "v1", kind: "ConfigMap", metadata: { ...metadata, namespace, name } };
      return Promise.resolve(data === undefined ? undefined : { ...found, data });
    }, clock);
  });

  const look = async (answers = true): Promise<string> => {
    const cluster: CoreOSCluster = {
      apiVersion: "nestlet.dev/v1alpha1",
      kind: "CoreOSCluster",
      metadata,
      spec: { manifests: references },
    };
    const applier = answers ? (): ApplyObject => apply : undefined;
    manifests.look("a/lab", cluster, applier);
    for (let i = 0; i < 20; i++) await turn();
    const { status, reason, message } = manifests.look("a/lab", cluster, applier) ?? {};
    return status === undefined ? "" : `${status} ${reason ?? ""}: ${message ?? ""}`;
  };

  it("waits for the control plane, then applies all in their order", async () => {
    assert.match(
      await look(false),
      /^False ApplyingManifests: they are applied when the control plane answers/,
    );
    assert.equal(await look(), "True ManifestsApplied: 3 objects");
    assert.deepEqual(applied, ["one", "more", "two"]);
  });

  it("applies again only what has changed", async () => {
    await look();
    clock.advance(15_000);
    await look();
    assert.equal(applied.length, 3);
    stored = { extras: { a: document("other") } };
    await look();
    assert.equal(applied.length, 3, "not looked at yet");
    clock.advance(15_000);
    assert.equal(await look(), "True ManifestsApplied: 1 objects");
    assert.deepEqual(applied.slice(3), ["other"]);
  });

  it("applies one key where that is asked for", async () => {
    references = [{ configMapRef: { name: "extras", key: "b" } }];
    await look();
    assert.deepEqual(applied, ["two"]);
  });

  it("says what is missing, applies the rest, and goes on by itself", async () => {
    references = [{ configMapRef: { name: "late" } }, { configMapRef: { name: "extras", key: "c" } }];
    assert.equal(
      await look(),
      "False ConfigMapNotFound: ConfigMap late does not exist or is empty (and 1 more)",
    );
    stored["late"] = { a: document("late") };
    stored["extras"] = { c: document("c") };
    clock.advance(15_000);
    assert.equal(await look(), "True ManifestsApplied: 2 objects");
  });

  it("names ConfigMap, key and line of what cannot be read", async () => {
    stored = { extras: { "web.yaml": "apiVersion: v1\n  kind: Pod\n", z: document("good") } };
    assert.match(await look(), /^False InvalidManifest: ConfigMap extras, key web\.yaml: line 1: /);
    assert.deepEqual(applied, ["good"]);
  });

  it("tells the API server's words, and tries again with growing pauses", async () => {
    let calls = 0;
    apply = async () => {
      calls++;
      return Promise.reject(new ApiError(422, "Invalid", "spec.x: Required value"));
    };
    references = [{ configMapRef: { name: "extras", key: "b" } }];
    const says =
      "False ManifestRefused: ConfigMap extras, key b, document 1 (line 1), Secret two: spec.x: Required value";
    assert.equal(await look(), says);
    for (let seconds = 0; seconds < 3600; seconds += 15) {
      clock.advance(15_000);
      assert.equal(await look(), says);
    }
    assert.ok(calls >= 10 && calls <= 20, String(calls));
    stored = { extras: { b: document("changed") } };
    apply = async () => Promise.resolve();
    clock.advance(15_000);
    assert.equal(await look(), "True ManifestsApplied: 1 objects", "a change is tried at once");
  });

  it("says nothing of manifests when the guest falls silent meanwhile, and tries again", async () => {
    apply = async () => Promise.reject(new UnreachableError("no route to host"));
    assert.match(await look(), /^False ApplyingManifests: .*no route to host/);
    apply = async () => Promise.resolve();
    clock.advance(15_000);
    assert.equal(await look(), "True ManifestsApplied: 3 objects");
  });

  it("knows nothing where there are none", async () => {
    await look();
    references = [];
    assert.equal(await look(), "");
  });
});
