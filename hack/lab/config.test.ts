import assert from "node:assert/strict";
import { parse, parseAllDocuments } from "yaml";
import { buildArguments } from "./binaries.ts";
import {
  cniConfig,
  containerdConfig,
  kubeadmConfig,
  kubeletConfig,
  nodePaths,
  proxyConfig,
} from "./config.ts";
import { clusterManifests } from "./manifests.ts";
import { modules } from "./modules.ts";
import { nodeAt, readSettings } from "./settings.ts";

const variables = { NESTLET_LAB_PODS: "10.201.0.0/16", NESTLET_LAB_SERVICES: "10.202.0.0/16" };
const settings = readSettings(variables, true);
const node = nodeAt(settings, 2);

describe("configuration of a node", () => {
  it("keeps containerd in the node's own folders", () => {
    const text = containerdConfig(settings, node, "/opt/runc");
    assert.match(text, new RegExp(`^root = '${node.stateDir}/`, "m"));
    assert.match(text, new RegExp(`^state = '${node.runDir}/`, "m"));
    assert.match(text, /BinaryName = '\/opt\/runc'/);
    assert.match(text, /restrict_oom_score_adj = true/);
    assert.doesNotMatch(text, /undefined/);
  });

  it("puts the kubelet's pods into the lab's cgroup and gives them its DNS", () => {
    const config = parse(kubeletConfig(settings, node, "/ca.crt")) as Record<string, unknown>;
    assert.equal(config["cgroupRoot"], `/${settings.name}`);
    assert.deepEqual(config["clusterDNS"], ["10.202.0.10"]);
    assert.equal(config["containerRuntimeEndpoint"], `unix://${nodePaths(node).socket}`);
    assert.equal(config["failCgroupV1"], false);
    assert.equal(config["address"], node.address);
  });

  it("gives pods addresses of the node's own range", () => {
    const read = (text: string): { type: string; ipam?: { ranges: object; routes: object } }[] =>
      (JSON.parse(text) as { plugins: [] }).plugins;
    const plugins = read(cniConfig(settings, node));
    assert.deepEqual(
      plugins.map(({ type }) => type),
      ["bridge", "portmap"],
    );
    assert.deepEqual(plugins[0]?.ipam?.ranges, [
      [{ subnet: "10.201.1.0/24" }],
      [{ subnet: "fd93:4e65:7374:2::/64" }],
    ]);
    assert.deepEqual(plugins[0].ipam.routes, [{ dst: "0.0.0.0/0" }, { dst: "::/0" }]);

    const without = readSettings(variables, false);
    const [ipv4] = read(cniConfig(without, nodeAt(without, 2)));
    assert.deepEqual(ipv4?.ipam?.ranges, [[{ subnet: "10.201.1.0/24" }]]);
    assert.deepEqual(ipv4.ipam.routes, [{ dst: "0.0.0.0/0" }]);
  });

  it("leaves the machine's connection tracking alone", () => {
    const config = parse(proxyConfig(settings, node, "/proxy.conf")) as Record<string, unknown>;
    assert.deepEqual(config["conntrack"], {
      maxPerCore: 0,
      min: 0,
      tcpEstablishedTimeout: "0s",
      tcpCloseWaitTimeout: "0s",
    });
    assert.equal(config["clusterCIDR"], "10.201.0.0/16");
  });
});

describe("configuration of the cluster", () => {
  it("names the API server by the node's address", () => {
    const documents = parseAllDocuments(kubeadmConfig(settings, node, "v1.36.3")).map(
      (document) => document.toJS() as Record<string, unknown>,
    );
    assert.deepEqual(
      documents.map(({ kind }) => kind),
      ["InitConfiguration", "ClusterConfiguration"],
    );
    assert.deepEqual(documents[0]?.["localAPIEndpoint"], { advertiseAddress: node.address, bindPort: 6443 });
    assert.equal(documents[1]?.["kubernetesVersion"], "v1.36.3");
  });

  it("gives the DNS the address that kubelets tell their pods", () => {
    const service = clusterManifests(settings, "nestlet.dev/coredns:1").find(
      ({ kind }) => kind === "Service",
    );
    assert.equal((service?.["spec"] as { clusterIP: string }).clusterIP, "10.202.0.10");
  });
});

describe("builds", () => {
  it("stamp Kubernetes with its version", () => {
    const kubernetes = modules.find(({ name }) => name === "kubernetes");
    assert.ok(kubernetes);
    const [, flags = ""] = buildArguments(kubernetes, "v1.36.3");
    assert.match(flags, /-X k8s\.io\/component-base\/version\.gitVersion=v1\.36\.3 /);
    assert.match(flags, /-X k8s\.io\/client-go\/pkg\/version\.gitMinor=36/);
  });

  it("give every program one origin", () => {
    const names = modules.flatMap(({ binaries }) => binaries);
    assert.equal(new Set(names).size, names.length);
  });
});
