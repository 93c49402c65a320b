import assert from "node:assert/strict";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { binary } from "../../hack/lab/binaries.ts";
import { run } from "../../hack/lib/exec.ts";
import { repoRoot } from "../../hack/lib/paths.ts";
import {
  virtualMachineInstances as instances,
  virtualMachines as machines,
} from "../../src/api/resources.ts";
import { API_PORT } from "../../src/controller/coreos-cluster/names.ts";
import type { Client } from "../../src/kube/client.ts";
import { startCluster, stopCluster, type Cluster } from "./harness/cluster.ts";
import { startController } from "./harness/controller.ts";
import { MachineLife } from "./harness/machine-life.ts";
import { guest, machine } from "./harness/objects.ts";

interface Rendered {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: object };
  spec?: { template?: { spec: object } };
}

const plurals: Record<string, string> = {
  NetworkPolicy: "networkpolicies",
  MutatingAdmissionPolicy: "mutatingadmissionpolicies",
};

/** What Helm makes of the chart for a release of the chart's own name. */
async function render(...values: readonly string[]): Promise<Rendered[]> {
  return renderWith(values.flatMap((value) => ["--set", value]));
}

async function renderWith(flags: readonly string[]): Promise<Rendered[]> {
  const args = ["template", "nestlet", join(repoRoot, "deploy/chart"), "--namespace", "nestlet-system"];
  const text = await run(await binary("helm"), [...args, ...flags]);
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Rendered | null)
    .filter((object) => object !== null);
}

function pathOf({ apiVersion, kind, metadata }: Rendered): string {
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const plural = plurals[kind] ?? `${kind.toLowerCase()}s`;
  const scope = metadata.namespace === undefined ? "" : `/namespaces/${metadata.namespace}`;
  return `${root}${scope}/${plural}`;
}

/** What an object holds at a path, such as `spec.ports.0.name`. */
function fieldOf(object: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce((value, key) => (value as Record<string, unknown> | undefined)?.[key], object);
}

const kindsOf = (objects: readonly Rendered[]): string[] => objects.map(({ kind }) => kind);

describe("the chart", () => {
  let cluster: Cluster;
  let client: Client;

  before(async function () {
    this.timeout(120_000);
    cluster = await startCluster();
    client = cluster.client;
    const namespace = "/api/v1/namespaces/nestlet-system";
    const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
    await client.call("PATCH", namespace, { metadata: { labels } });
    // It comes with the cluster of the tests; here the chart brings it.
    await client.call("DELETE", `${namespace}/configmaps/nestlet-catalog`);
  });

  after(async () => {
    await stopCluster(cluster);
  });

  const create = async (object: Rendered, query = ""): Promise<unknown> =>
    client.call("POST", `${pathOf(object)}${query}`, object);

  /** Whether a user with one of the chart's roles may do something in a namespace. */
  const allowed = async (user: string, verb: string, resource: string): Promise<boolean> => {
    const [name = "", subresource] = resource.split("/");
    const attributes = { namespace: "default", verb, group: "nestlet.dev", resource: name, subresource };
    const review = await client.call<{ status: { allowed: boolean } }>(
      "POST",
      "/apis/authorization.k8s.io/v1/subjectaccessreviews",
      {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SubjectAccessReview",
        spec: { user, resourceAttributes: attributes },
      },
    );
    return review.status.allowed;
  };

  it("is taken by the API server in all its parts, its pods at the level restricted", async () => {
    const objects = await render("networkPolicy.enabled=true", "crds.enabled=false");
    const foreign = objects.filter(({ apiVersion }) => apiVersion.startsWith("monitoring."));
    assert.deepEqual(foreign, []);
    for (const object of objects) await create(object, "?dryRun=All&fieldValidation=Strict");
    const deployment = objects.find(({ kind }) => kind === "Deployment");
    const template = deployment?.spec?.template ?? assert.fail("no Deployment");
    const pod = { apiVersion: "v1", kind: "Pod", ...template } as unknown as Rendered;
    pod.metadata = { ...pod.metadata, name: "controller", namespace: "nestlet-system" };
    await create(pod, "?dryRun=All&fieldValidation=Strict");
  });

  it("keeps the CustomResourceDefinitions when it is uninstalled, unless told otherwise", async () => {
    const policy = async (...values: string[]): Promise<unknown[]> =>
      (await render(...values))
        .filter(({ kind }) => kind === "CustomResourceDefinition")
        .map(({ metadata }) => metadata.annotations ?? {});
    const keep = { "helm.sh/resource-policy": "keep" };
    assert.deepEqual(await policy(), [keep, keep, keep]);
    assert.deepEqual(await policy("crds.keep=false"), [{}, {}, {}]);
    assert.deepEqual(await policy("crds.enabled=false"), []);
  });

  it("has a budget and a spread for two replicas, and neither for one", async () => {
    const two = await render("crds.enabled=false");
    const budget = two.find(({ kind }) => kind === "PodDisruptionBudget");
    assert.equal(fieldOf(budget, "spec.maxUnavailable"), 1);
    assert.equal(fieldOf(budget, "spec.unhealthyPodEvictionPolicy"), "AlwaysAllow");
    assert.match(JSON.stringify(two), /topologySpreadConstraints/);
    const one = await render("crds.enabled=false", "controller.replicas=1");
    assert.ok(!kindsOf(one).includes("PodDisruptionBudget"));
    assert.doesNotMatch(JSON.stringify(one), /topologySpreadConstraints/);
  });

  it("has the API server add finalizers where it can, and where that is the whole cluster's", async () => {
    const policies = async (...flags: readonly string[]): Promise<string[]> =>
      kindsOf(await renderWith(flags)).filter((kind) => kind.startsWith("MutatingAdmissionPolicy"));
    assert.deepEqual(await policies(), ["MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"]);
    assert.deepEqual(await policies("--kube-version", "1.35.4"), []);
    assert.deepEqual(await policies("--set", "admission.finalizers=false"), []);
    assert.deepEqual(await policies("--set", "controller.namespaces={a}"), []);
  });

  it("has monitors where they are asked for", async () => {
    const kinds = kindsOf(await render("serviceMonitor.enabled=true", "podMonitor.enabled=true"));
    assert.ok(kinds.includes("ServiceMonitor") && kinds.includes("PodMonitor"));
  });

  it("has selectors and ports by which its parts find each other", async () => {
    const flags = ["serviceMonitor", "podMonitor", "networkPolicy"].map((part) => `${part}.enabled=true`);
    const objects = await render(...flags, "crds.enabled=false");
    const field = (kind: string, path: string): unknown =>
      fieldOf(
        objects.find((object) => object.kind === kind),
        path,
      );
    const labels = "spec.template.metadata.labels";
    for (const [kind, selector, found, by] of [
      ["Service", "spec.selector", "Deployment", labels],
      ["Deployment", "spec.selector.matchLabels", "Deployment", labels],
      ["PodDisruptionBudget", "spec.selector.matchLabels", "Deployment", labels],
      ["PodMonitor", "spec.selector.matchLabels", "Deployment", labels],
      ["NetworkPolicy", "spec.podSelector.matchLabels", "Deployment", labels],
      ["ServiceMonitor", "spec.selector.matchLabels", "Service", "metadata.labels"],
    ] as const) {
      const [wanted, has] = [field(kind, selector), field(found, by)] as [object, object];
      assert.ok(Object.keys(wanted).length > 1, `${kind} selects too much`);
      assert.deepEqual({ ...has, ...wanted }, has, `${kind} does not find what it is for`);
    }
    const port = "spec.template.spec.containers.0.ports.0";
    for (const [kind, path, found, by] of [
      ["Service", "spec.ports.0.targetPort", "Deployment", `${port}.name`],
      ["ServiceMonitor", "spec.endpoints.0.port", "Service", "spec.ports.0.name"],
      ["PodMonitor", "spec.podMetricsEndpoints.0.port", "Deployment", `${port}.name`],
      ["NetworkPolicy", "spec.ingress.0.ports.0.port", "Deployment", `${port}.containerPort`],
    ] as const) {
      assert.ok(field(kind, path) !== undefined, kind);
      assert.equal(field(kind, path), field(found, by), kind);
    }
    const listens = `--metrics-address=:${String(field("Deployment", `${port}.containerPort`))}`;
    assert.ok((field("Deployment", "spec.template.spec.containers.0.args") as string[]).includes(listens));
  });

  it("lets in who asks for metrics and health, and out to DNS and API servers, and nobody else", async () => {
    const rulesOf = async (...values: readonly string[]): Promise<{ ingress: unknown; egress: unknown }> => {
      const objects = await render("crds.enabled=false", "networkPolicy.enabled=true", ...values);
      const policy = objects.find(({ kind }) => kind === "NetworkPolicy");
      assert.deepEqual(fieldOf(policy, "spec.policyTypes"), ["Ingress", "Egress"]);
      const tester = objects.find(({ kind, metadata }) => kind === "Pod" && metadata.name === "nestlet-test");
      const from = fieldOf(policy, "spec.ingress.0.from.0.podSelector.matchLabels") ?? {};
      assert.deepEqual(
        { ...tester?.metadata.labels, ...from },
        tester?.metadata.labels,
        "helm test is locked out",
      );
      return policy?.spec as unknown as { ingress: unknown; egress: unknown };
    };
    const tcp = (port: number): object => ({ port, protocol: "TCP" });
    const { ingress, egress } = await rulesOf();
    assert.deepEqual(ingress, [{ ports: [tcp(8080)] }]);
    assert.deepEqual(egress, [
      { ports: [{ port: 53, protocol: "UDP" }, tcp(53)] },
      // The Service kubernetes, what is behind it as a rule, and the nested clusters' API servers.
      { ports: [tcp(443), tcp(API_PORT)] },
    ]);
    const some = await rulesOf(
      "networkPolicy.metricsFrom[0].namespaceSelector.matchLabels.team=monitoring",
      "networkPolicy.apiServerPorts={8443}",
    );
    assert.deepEqual(fieldOf(some, "ingress.0.from.1"), {
      namespaceSelector: { matchLabels: { team: "monitoring" } },
    });
    assert.deepEqual(fieldOf(some, "egress.1.ports"), [tcp(8443)]);
  });

  for (const [value, says] of [
    ["controller.replica=2", /additional properties 'replica' not allowed/],
    ["controller.replicas=two", /\/controller\/replicas.*got string, want integer/s],
    ["controller.logLevel=trace", /\/controller\/logLevel.*must be one of/s],
    ["networkPolicy.apiServerPorts={0}", /apiServerPorts\/0.*got 0, want/s],
  ] as const) {
    it(`refuses --set ${value}`, async () => {
      await assert.rejects(render(value), says);
    });
  }

  it("gives viewers, editors and admins their parts of the API, and nobody the status", async () => {
    const roles = (await render()).filter(
      ({ kind, metadata }) => kind === "ClusterRole" && /-(view|edit)$/.test(metadata.name),
    );
    for (const role of roles) {
      await create(role);
      const user = role.metadata.name;
      await create({
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRoleBinding",
        metadata: { name: user },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: user },
        subjects: [{ kind: "User", apiGroup: "rbac.authorization.k8s.io", name: user }],
      } as Rendered);
    }
    const aggregated = roles.map(({ metadata }) =>
      Object.keys(metadata.labels ?? {})
        .filter((label) => label.includes("aggregate-to-"))
        .map((label) => label.split("aggregate-to-")[1])
        .sort(),
    );
    assert.deepEqual(aggregated, [
      ["admin", "edit", "view"],
      ["admin", "edit"],
    ]);
    const [view, edit] = ["nestlet-view", "nestlet-edit"] as const;
    for (const resource of ["virtualmachines", "virtualmachineinstances", "coreosclusters"]) {
      assert.ok(await allowed(view, "list", resource));
      assert.ok(!(await allowed(view, "patch", resource)));
      assert.ok(await allowed(edit, "create", resource));
      assert.ok(await allowed(edit, "patch", resource));
      assert.ok(!(await allowed(edit, "patch", `${resource}/status`)));
    }
    assert.ok(await allowed(edit, "patch", "coreosclusters/scale"));
  });

  it("lets the controller of one namespace work with the roles of that namespace alone", async function () {
    this.timeout(120_000);
    const [own, other] = [await cluster.namespace(), await cluster.namespace()];
    const all = await render(`controller.namespaces={${own}}`);
    const roles = all.filter(({ kind }) => /^(Cluster)?Role(Binding)?$/.test(kind));
    const scopes = roles.filter(({ metadata }) => !/-(view|edit|test)$/.test(metadata.name));
    assert.deepEqual(kindsOf(scopes), ["Role", "Role", "RoleBinding", "RoleBinding"]);
    for (const object of scopes) await create(object);
    const flags = /--namespaces=\S+?(?=")/.exec(JSON.stringify(all))?.[0] ?? assert.fail("no flag");
    const kubeconfig = await cluster.server.kubeconfigFor("controller");
    const controller = await startController(kubeconfig, "--leader-elect", flags);
    await client.create(machines, machine(other, "a", "Always"));
    const life = new MachineLife(client, own);
    const spec = { ...guest, evictionStrategy: "External" as const };
    await client.create(machines, machine(own, "a", "Always", { spec }));
    await life.runs();
    await life.shows("Running");
    await life.request("restart");
    await life.shows("Stopping");
    await life.podGoes();
    await life.runs();
    await client.delete(machines, { namespace: own, name: "a" });
    await life.podGoes();
    await life.watcher.gone(machines, "a");
    assert.equal(await client.find(instances, other, "a"), undefined);
    assert.equal(await controller.terminate(), 0);
    assert.doesNotMatch(controller.output(), /forbidden/);
  });
});
