import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deleteNamespace, ownNamespace } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";
import { eventsOf } from "../support/instances.ts";
import type { Kubectl } from "../support/kubectl.ts";
import {
  CLUSTER_READY_MS,
  LOOK_MS,
  nodeNames,
  openCluster,
  smallCluster,
  untilReady,
  type CoreOSCluster,
  type GuestNode,
} from "../support/nested.ts";
import { condition } from "../support/objects.ts";

interface Pod {
  metadata: { name: string };
  spec: { nodeName: string };
}

const name = "lab";

/** One pod on each node, so that a Service has one behind it on either. */
const whoami = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "whoami" },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: "whoami" } },
    template: {
      metadata: { labels: { app: "whoami" } },
      spec: {
        terminationGracePeriodSeconds: 1,
        tolerations: [{ key: "node-role.kubernetes.io/control-plane", operator: "Exists" }],
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: "kubernetes.io/hostname",
            whenUnsatisfiable: "DoNotSchedule",
            labelSelector: { matchLabels: { app: "whoami" } },
          },
        ],
        containers: [
          {
            name: "whoami",
            image: "nestlet.dev/whoami:1",
            imagePullPolicy: "Never",
            ports: [{ containerPort: 80 }],
          },
        ],
      },
    },
  },
};

/** In the worker's own network. */
const onNode = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "on-node" },
  spec: {
    nodeName: "lab-node-0",
    hostNetwork: true,
    dnsPolicy: "Default",
    containers: [{ name: "whoami", image: "nestlet.dev/whoami:1", imagePullPolicy: "Never" }],
  },
};

describe("a nested cluster in the lab", () => {
  let host: Kubectl;
  let guest: Kubectl;
  let directory: string;

  before(async () => {
    host = await ownNamespace("cluster");
    directory = await mkdtemp(join(tmpdir(), "nestlet-cluster-"));
  });
  after(async function () {
    this.timeout(300_000);
    await rm(directory, { recursive: true });
    await deleteNamespace(host);
  });

  it("becomes Ready from a dozen lines", async function () {
    this.timeout(CLUSTER_READY_MS + 60_000);
    await host.apply(smallCluster(name, 1));
    const ready = await untilReady(host, name, 1);
    assert.match(ready.status?.version ?? "", /^v1\.\d+\.\d+$/);
    assert.equal(ready.status?.nextStep, "none: the cluster is ready");
    const events = (await eventsOf(host, "CoreOSCluster", name)).join("\n");
    assert.match(events, /^Initialized: /m);
    assert.match(events, /^ClusterReady: /m);
  });

  it("is opened by its kubeconfig through its Service", async () => {
    guest = await openCluster(host, name, directory);
    assert.deepEqual(await nodeNames(guest), ["lab-master-0", "lab-node-0"]);
    const nodes = await guest.list<GuestNode>("nodes");
    for (const { status, metadata } of nodes) {
      assert.equal(condition({ status }, "Ready")?.status, "True", metadata.name);
    }
  });

  it("runs a Deployment whose Service answers from pods on both nodes", async function () {
    this.timeout(300_000);
    const service = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "whoami" },
      spec: { selector: { app: "whoami" }, ports: [{ port: 80, targetPort: 80 }] },
    };
    // The last one is for another test: its start takes long as well, and can do so meanwhile.
    await guest.apply(whoami, service, onNode);
    await guest.run(["rollout", "status", "deployment/whoami", "--timeout=240s"]);
    const pods = await guest.list<Pod>("pods", "-l", "app=whoami");
    assert.deepEqual(new Set(pods.map(({ spec }) => spec.nodeName)), new Set(["lab-master-0", "lab-node-0"]));
    const answered = new Set<string>();
    await eventually(
      async () => {
        // Through the API server's proxy, and so to the pods of both nodes from the master.
        const text = await guest.run([
          "get",
          "--raw",
          "/api/v1/namespaces/default/services/whoami:80/proxy/",
        ]);
        for (const { metadata } of pods) if (text.includes(metadata.name)) answered.add(metadata.name);
        assert.equal(answered.size, 2, `answered so far: ${[...answered].join(", ")}; last: ${text}`);
      },
      120_000,
      500,
    );
  });

  it("gives logs, and runs commands in pods", async function () {
    this.timeout(120_000);
    for (const { metadata } of await guest.list<Pod>("pods", "-l", "app=whoami")) {
      await guest.run(["logs", metadata.name]);
      assert.match(await guest.run(["exec", metadata.name, "--", "hostname"]), new RegExp(metadata.name));
    }
  });

  it("resolves names of Services by CoreDNS", async function () {
    this.timeout(120_000);
    const [pod] = await guest.list<Pod>("pods", "-l", "app=whoami");
    const lookup = ["exec", pod?.metadata.name ?? "", "--", "nslookup", "whoami.default.svc.cluster.local"];
    await eventually(async () => assert.match(await guest.run(lookup), /Address/), 60_000, 1000);
  });

  it("has nodes that know each other, their API server and the host's Services by name", async function () {
    this.timeout(180_000);
    await guest.run(["wait", "--for=condition=Ready", "pod/on-node", "--timeout=120s"]);
    const inside = async (...command: string[]): Promise<string> =>
      guest.run(["exec", "on-node", "--", ...command]);
    const hosts = await inside("cat", "/etc/hosts");
    for (const [address, known] of [
      ["192.168.10.1", "kubeapi"],
      ["192.168.10.1", "lab-master-0"],
      ["192.168.10.2", "lab-node-0"],
    ] as const) {
      assert.match(hosts, new RegExp(`^${address.replaceAll(".", "\\.")}\\s.*\\b${known}\\b`, "m"));
    }
    const service = `${name}-members.${host.namespace}.svc.cluster.local`;
    await eventually(async () => assert.match(await inside("nslookup", service), /Address/), 60_000, 1000);
    await guest.run(["delete", "pod", "on-node", "--grace-period=1", "--wait=false"]);
  });

  it("lets its pods out by the pod network: they reach the host cluster's Services", async function () {
    this.timeout(120_000);
    const addressOf = async (namespace: string, service: string): Promise<string> =>
      host.run(["get", "service", service, `--namespace=${namespace}`, "-o", "jsonpath={.spec.clusterIP}"]);
    const [dns, kubernetes] = [
      await addressOf("kube-system", "kube-dns"),
      await addressOf("default", "kubernetes"),
    ];
    for (const { metadata } of await guest.list<Pod>("pods", "-l", "app=whoami")) {
      // The guest's own DNS would say another address.
      const lookup = ["exec", metadata.name, "--", "nslookup", "kubernetes.default.svc.cluster.local", dns];
      // The first lines tell of the server, whose address may begin like the one that is looked for.
      const answer = new RegExp(`^Address.*\\s${kubernetes.replaceAll(".", "\\.")}(\\s|$)`, "m");
      await eventually(async () => assert.match(await guest.run(lookup), answer), 60_000, 1000);
    }
  });

  it("is scaled down: the worker is drained, and its Node and machine are gone", async function () {
    this.timeout(300_000);
    await host.run(["scale", "coreosclusters", name, "--replicas=0"]);
    await eventually(
      async () => {
        assert.deepEqual(await nodeNames(guest), ["lab-master-0"]);
        assert.equal((await host.list("vm")).length, 1);
        const { status } = await host.get<CoreOSCluster>("coreosclusters", name);
        assert.equal(status?.workers?.replicas, 0);
      },
      240_000,
      LOOK_MS,
    );
  });

  it("leaves nothing when it is deleted", async function () {
    this.timeout(240_000);
    await host.run(["delete", "coreosclusters", name, "--timeout=120s"]);
    await eventually(
      async () => {
        for (const kind of ["vm", "vmi", "pods", "secrets", "services", "endpointslices"]) {
          assert.deepEqual(await host.list(kind), [], kind);
        }
      },
      180_000,
      LOOK_MS,
    );
  });
});
