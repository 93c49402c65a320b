import assert from "node:assert/strict";
import {
  coreOSClusters,
  virtualMachineInstances as instances,
  virtualMachines as machines,
} from "../../src/api/resources.ts";
import { ApiError } from "../../src/kube/api-error.ts";
import { Client } from "../../src/kube/client.ts";
import { connect, type Access, type Connection } from "../../src/kube/connection.ts";
import { loadKubeConfig } from "../../src/kube/kube-config.ts";
import { resourcePath } from "../../src/kube/object.ts";
import { eventually, renderChart, startCluster, stopCluster, type Cluster } from "./harness/cluster.ts";
import { startRoleAggregation, type Controllers } from "./harness/controllers.ts";
import { instance, machine } from "./harness/objects.ts";

const rbac = "/apis/rbac.authorization.k8s.io/v1";
const roles = ["view", "edit", "admin"] as const;
type Role = (typeof roles)[number];

/** The same connection, whose requests are those of a user. */
function as(connection: Connection, user: string): Connection {
  const impersonated = async (access: Promise<Access>): Promise<Access> => {
    const { dispatcher, headers } = await access;
    const who = { "impersonate-user": user, "impersonate-group": "system:authenticated" };
    return { dispatcher, headers: { ...headers, ...who } };
  };
  return {
    ...connection,
    requests: async () => impersonated(connection.requests()),
    watches: async () => impersonated(connection.watches()),
  };
}

describe("users with the cluster's own roles", () => {
  let cluster: Cluster;
  let aggregation: Controllers;
  let connection: Connection;
  let namespace: string;
  const clients = new Map<Role, Client>();

  before(async function () {
    this.timeout(120_000);
    cluster = await startCluster();
    const { client, server } = cluster;
    aggregation = await startRoleAggregation(server.kubeconfig);
    connection = connect(loadKubeConfig(server.kubeconfig));
    namespace = await cluster.namespace();
    for (const role of await renderChart("user-roles.yaml")) {
      await client.call("POST", `${rbac}/clusterroles`, role);
    }
    for (const role of roles) {
      clients.set(role, new Client(as(connection, role), "test"));
      await client.call("POST", `${rbac}/namespaces/${namespace}/rolebindings`, {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "RoleBinding",
        metadata: { name: role },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
        subjects: [{ kind: "User", apiGroup: "rbac.authorization.k8s.io", name: role }],
      });
    }
    await eventually("Kubernetes has put Nestlet's rules into its own roles", async () => {
      const codes = await Promise.all(
        roles.map(async (role) => codeOf(async () => clientOf(role).listPage(machines, { namespace }, 1))),
      );
      return codes.every((code) => code === 200) ? true : undefined;
    });
  });

  after(async () => {
    await connection.close();
    await aggregation.stop();
    await stopCluster(cluster);
  });

  function clientOf(role: Role): Client {
    return clients.get(role) ?? assert.fail(role);
  }

  async function codeOf(work: () => Promise<unknown>): Promise<number> {
    try {
      await work();
      return 200;
    } catch (error) {
      if (error instanceof ApiError) return error.code;
      throw error;
    }
  }

  const a = (): { namespace: string; name: string } => ({ namespace, name: "a" });
  const scale = (): string => resourcePath(coreOSClusters, namespace, "a", "scale");

  /** What somebody asks, and what the API server answers to a viewer, an editor and an admin. */
  const table: [what: string, ask: (client: Client) => Promise<unknown>, codes: [number, number, number]][] =
    [
      ["to see machines", async (client) => client.get(machines, namespace, "a"), [200, 200, 200]],
      ["to list instances", async (client) => client.listPage(instances, { namespace }, 1), [200, 200, 200]],
      [
        "to see machines of all namespaces",
        async (client) => client.listPage(machines, {}, 1),
        [403, 403, 403],
      ],
      [
        "for a machine",
        async (client) =>
          client.call("POST", `${resourcePath(machines, namespace)}?dryRun=All`, {
            apiVersion: "nestlet.dev/v1alpha1",
            kind: "VirtualMachine",
            ...machine(namespace, "b", "Halted"),
          }),
        [403, 200, 200],
      ],
      [
        "for an instance",
        async (client) =>
          client.call("POST", `${resourcePath(instances, namespace)}?dryRun=All`, {
            apiVersion: "nestlet.dev/v1alpha1",
            kind: "VirtualMachineInstance",
            ...instance(namespace, "b"),
          }),
        [403, 200, 200],
      ],
      [
        "to restart a machine",
        async (client) =>
          client.mergePatch(machines, a(), {
            metadata: { annotations: { "nestlet.dev/request": "restart" } },
          }),
        [403, 200, 200],
      ],
      [
        "to say what a machine's status is",
        async (client) => client.mergePatch(machines, a(), { status: { ready: true } }, "status"),
        [403, 403, 403],
      ],
      // Allowed, as far as roles go: there is no such cluster.
      ["for a cluster's size", async (client) => client.call("GET", scale()), [404, 404, 404]],
      [
        "for another size of a cluster",
        async (client) => client.call("PATCH", scale(), { spec: { replicas: 1 } }),
        [403, 404, 404],
      ],
      [
        "that a machine goes",
        async (client) => client.call("DELETE", `${resourcePath(machines, namespace, "a")}?dryRun=All`),
        [403, 200, 200],
      ],
    ];

  for (const [what, ask, codes] of table) {
    it(`may ask ${what}: ${roles.map((role, index) => `${role} ${String(codes[index])}`).join(", ")}`, async () => {
      const { client } = cluster;
      if ((await client.find(machines, namespace, "a")) === undefined) {
        await client.create(machines, machine(namespace, "a", "Halted"));
      }
      const found: number[] = [];
      for (const role of roles) found.push(await codeOf(async () => ask(clientOf(role))));
      assert.deepEqual(found, codes);
    });
  }

  it("may do nothing where they have no role", async () => {
    const other = await cluster.namespace();
    for (const role of roles) {
      assert.equal(
        await codeOf(async () => clientOf(role).listPage(machines, { namespace: other }, 1)),
        403,
        role,
      );
    }
  });
});
