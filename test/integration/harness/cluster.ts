import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse, parseAllDocuments } from "yaml";
import { binary } from "../../../hack/lab/binaries.ts";
import { run } from "../../../hack/lib/exec.ts";
import { repoRoot } from "../../../hack/lib/paths.ts";
import { coreOSClusters, virtualMachineInstances, virtualMachines } from "../../../src/api/resources.ts";
import { ApiError, isNotFound } from "../../../src/kube/api-error.ts";
import { Client } from "../../../src/kube/client.ts";
import { connect, type Connection } from "../../../src/kube/connection.ts";
import { loadKubeConfig } from "../../../src/kube/kube-config.ts";
import { pods, type KubeObject } from "../../../src/kube/object.ts";
import { atRunEnd } from "../../support/run-end.ts";
import { startApiServer, type ApiServer, type ApiServerOptions } from "./api-server.ts";
import { guest } from "./guest-spec.ts";

/** An API server with Nestlet's kinds, and a client with all rights. */
export interface Cluster {
  server: ApiServer;
  client: Client;
  /** Makes a namespace of a name of its own and returns that. */
  namespace(labels?: Record<string, string>): Promise<string>;
  /** Labels a namespace. */
  label(namespace: string, labels: Record<string, string>): Promise<void>;
}

let shared: Promise<Cluster> | undefined;
let namespaces = 0;

/**
 * The cluster that the test files of a process share, one after the other; it ends with the run. Whoever asks for it finds none of our objects in it:
 * what another test has left would be worked on by the next one's controller.
 */
export async function sharedCluster(): Promise<Cluster> {
  shared ??= startSharedCluster();
  const cluster = await shared;
  await sweep(cluster.client);
  return cluster;
}

async function startSharedCluster(): Promise<Cluster> {
  const cluster = await startCluster();
  atRunEnd(async () => stopCluster(cluster));
  return cluster;
}

async function sweep(client: Client): Promise<void> {
  // Owners first: nobody is left to make anew what is gone.
  for (const resource of [coreOSClusters, virtualMachines, virtualMachineInstances, pods]) {
    const { items } = await client.listPage<KubeObject>(resource, {}, 500);
    for (const { metadata } of items) {
      await client.delete<KubeObject>(resource, metadata, { gracePeriodSeconds: 0 }).catch(unlessGone);
      const free = { metadata: { finalizers: null } };
      await client.mergePatch<KubeObject>(resource, metadata, free).catch(unlessGone);
    }
  }
}

function unlessGone(error: unknown): void {
  if (!isNotFound(error)) throw error;
}

const connections = new Map<Cluster, Connection>();

export async function startCluster(options: ApiServerOptions = {}): Promise<Cluster> {
  const server = await startApiServer(options);
  const connection = connect(loadKubeConfig(server.kubeconfig));
  const client = new Client(connection, "test");
  const cluster: Cluster = {
    server,
    client,
    namespace: async (labels = {}) => {
      const name = `t-${String(++namespaces)}`;
      await client.call("POST", "/api/v1/namespaces", {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name, labels },
      });
      return name;
    },
    label: async (namespace, labels) => {
      const path = `/api/v1/namespaces/${namespace}`;
      const stored = await client.call<{ metadata: object }>("GET", path);
      await client.call("PUT", path, { ...stored, metadata: { ...stored.metadata, labels } });
    },
  };
  connections.set(cluster, connection);
  try {
    await Promise.all([installCrds(client), installCatalog(client)]);
  } catch (error) {
    await stopCluster(cluster);
    throw error;
  }
  return cluster;
}

export async function stopCluster(cluster: Cluster): Promise<void> {
  await connections.get(cluster)?.close();
  await cluster.server.stop();
}

export interface Crd {
  metadata: { name: string };
  /** The lists are null until the API server has looked at the definition. */
  status?: { conditions: { type: string; status: string; message: string }[] | null };
}

/** Applies crds/ and waits until their kinds are served. */
export async function installCrds(client: Client): Promise<Crd[]> {
  const dir = join(repoRoot, "crds");
  const files = await readdir(dir);
  return Promise.all(
    files.map(async (file) => {
      const crd = parse(await readFile(join(dir, file), "utf8")) as Crd;
      const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
      await client.call("POST", path, crd);
      return eventually(`${file} is established`, async () => {
        const stored = await client.call<Crd>("GET", `${path}/${crd.metadata.name}`);
        return stored.status?.conditions?.some(
          ({ type, status }) => type === "Established" && status === "True",
        )
          ? stored
          : undefined;
      });
    }),
  );
}

/** The namespace that the controller would be in, and the chart's catalog in it. */
async function installCatalog(client: Client): Promise<void> {
  const namespace = "nestlet-system";
  await client.call("POST", "/api/v1/namespaces", {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: namespace },
  });
  const [catalog] = await renderChart("catalog.yaml");
  await client.call("POST", `/api/v1/namespaces/${namespace}/configmaps`, catalog);
}

/** Has the API server put the controller's finalizers on what is created, as the chart does; resolves when it does so. */
export async function installAdmission(client: Client): Promise<void> {
  const [policy, binding] = await renderChart("admission.yaml");
  const root = "/apis/admissionregistration.k8s.io/v1";
  await client.call("POST", `${root}/mutatingadmissionpolicies`, policy);
  await client.call("POST", `${root}/mutatingadmissionpolicybindings`, binding);
  const { group, version, plural } = virtualMachineInstances;
  const path = `/apis/${group}/${version}/namespaces/default/${plural}?dryRun=All`;
  const tried = { apiVersion: `${group}/${version}`, kind: "VirtualMachineInstance", spec: guest };
  await eventually("the policy is in force", async () => {
    const asked = client.call<KubeObject>("POST", path, { ...tried, metadata: { name: "tried" } });
    const answer = await asked.catch(unlessTooNew);
    return answer?.metadata.finalizers === undefined ? undefined : true;
  });
}

/** Admission policies learn of a new kind a little after it is served; until then they refuse it, failurePolicy or not. */
function unlessTooNew(error: unknown): undefined {
  if (!(error instanceof ApiError && error.code === 503)) throw error;
}

/**
 * The objects of one of the chart's templates, as Helm renders it for a release of the chart's own name.
 * @param values as after --set
 */
export async function renderChart(template: string, ...values: readonly string[]): Promise<KubeObject[]> {
  const chart = join(repoRoot, "deploy/chart");
  const place = ["nestlet", chart, "--namespace", "nestlet-system", "--show-only", `templates/${template}`];
  const set = values.flatMap((value) => ["--set", value]);
  const text = await run(await binary("helm"), ["template", ...place, ...set]);
  return parseAllDocuments(text).map((document) => document.toJS() as KubeObject);
}

/**
 * What the function gives once it gives something.
 * @param everyMs how long it is left alone between two looks
 * @throws Error naming `what`, when that takes too long
 */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  timeoutMs = 30_000,
  everyMs = 20,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`not within ${String(timeoutMs)} ms: ${what}`);
    await sleep(everyMs);
  }
}
