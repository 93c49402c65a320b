import assert from "node:assert/strict";
import { parse } from "yaml";
import { mergedKubeconfig } from "./merge-kubeconfig.ts";

const cluster = JSON.stringify({
  clusters: [{ name: "lab", cluster: { server: "https://lab:6443" } }],
  users: [{ name: "lab-admin", user: { "client-key-data": "a2V5" } }],
  contexts: [{ name: "lab", context: { cluster: "lab", user: "lab-admin" } }],
});
const place = { context: "nest-lab", use: false, file: "config" };
const merged = (before: string, use = false): Record<string, unknown> =>
  parse(mergedKubeconfig(before, cluster, { ...place, use })) as Record<string, unknown>;

const mine = `# mine
apiVersion: v1
kind: Config
current-context: home
clusters:
  - name: home # at home
    cluster: {server: https://home}
users: []
contexts:
  - {name: home, context: {cluster: home, user: me}}
`;

describe("mergedKubeconfig", () => {
  it("makes one where there is none, and it is current", () => {
    assert.deepEqual(merged(""), {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "nest-lab", cluster: { server: "https://lab:6443" } }],
      users: [{ name: "nest-lab", user: { "client-key-data": "a2V5" } }],
      contexts: [{ name: "nest-lab", context: { cluster: "nest-lab", user: "nest-lab" } }],
      "current-context": "nest-lab",
    });
  });
  it("leaves what was there, comments too", () => {
    const text = mergedKubeconfig(mine, cluster, place);
    assert.match(text, /^# mine\n/);
    assert.match(text, /name: home # at home/);
    const { contexts, "current-context": current } = merged(mine) as {
      contexts: { name: string }[];
      "current-context": string;
    };
    assert.deepEqual(
      contexts.map(({ name }) => name),
      ["home", "nest-lab"],
    );
    assert.equal(current, "home");
  });
  it("becomes current when asked to", () => assert.equal(merged(mine, true)["current-context"], "nest-lab"));
  it("is the same when it is done again", () => {
    const once = mergedKubeconfig(mine, cluster, place);
    assert.equal(mergedKubeconfig(once, cluster, place), once);
  });
  for (const wrong of ["- a", "a: [", "clusters: {a: 1}"]) {
    it(`refuses ${JSON.stringify(wrong)}`, () => {
      assert.throws(
        () => mergedKubeconfig(wrong, cluster, place),
        /^Error: config is no kubeconfig|config is no kubeconfig/,
      );
    });
  }
});
