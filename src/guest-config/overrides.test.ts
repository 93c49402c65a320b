import assert from "node:assert/strict";
import { componentsOf, kubeletSettings, mergeArgs, proxySettings } from "./overrides.ts";
import { KUBELET_SETTINGS, PROXY_SETTINGS } from "./slim.ts";

const own = [
  { name: "a", value: "1" },
  { name: "b", value: "2" },
];

describe("what a cluster's owner wants otherwise", () => {
  it("comes in place of arguments of the same name, and beside the others", () => {
    const extraArgs = [
      { name: "b", value: "3" },
      { name: "c", value: "4" },
      { name: "c", value: "5" },
    ];
    assert.deepEqual(mergeArgs(own, { extraArgs }), [{ name: "a", value: "1" }, ...extraArgs]);
    assert.deepEqual(mergeArgs(own), own);
  });

  it("is for one component alone", () => {
    const extraArgs = [{ name: "profiling", value: "true" }];
    const { apiServer, scheduler } = componentsOf({ apiServer: { extraArgs } }, "lost", "v1.36.3");
    assert.deepEqual(
      apiServer.filter(({ name }) => name === "profiling"),
      extraArgs,
    );
    assert.deepEqual(scheduler.find(({ name }) => name === "profiling")?.value, "false");
  });

  it("is said in the words of the etcd that comes with the version", () => {
    const names = (version: string) => componentsOf({}, "lost", version).etcd.map(({ name }) => name);
    assert.ok(names("v1.34.0").includes("watch-progress-notify-interval"));
    assert.ok(names("v1.33.9").includes("experimental-watch-progress-notify-interval"));
  });

  it("comes in place of a kubelet's fields", () => {
    assert.deepEqual(kubeletSettings({}), KUBELET_SETTINGS);
    assert.deepEqual(kubeletSettings({ kubelet: { syncFrequency: "1m", maxPods: 50 } }), {
      ...KUBELET_SETTINGS,
      syncFrequency: "1m",
      maxPods: 50,
    });
  });

  it("is for the mode of kube-proxy that is in use", () => {
    assert.deepEqual(proxySettings({}), PROXY_SETTINGS);
    const { mode, iptables, nftables } = proxySettings({
      kubeProxy: { mode: "nftables", syncPeriod: "1m" },
    }) as Record<string, unknown>;
    assert.deepEqual(
      [mode, iptables, nftables],
      ["nftables", undefined, { syncPeriod: "1m", minSyncPeriod: "1s" }],
    );
  });
});
