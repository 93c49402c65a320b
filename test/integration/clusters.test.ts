import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { isNotFound } from "../../src/kube/api-error.ts";
import type { Client } from "../../src/kube/client.ts";
import { endpointSlices, secrets, services, type KubeObject, type Resource } from "../../src/kube/object.ts";
import { controllerOf } from "../../src/kube/ownership.ts";
import { newAuthority } from "../../src/pki/authority.ts";
import {
  coreOSClusters as clusters,
  virtualMachineInstances as instances,
  virtualMachines as machines,
} from "../../src/api/resources.ts";
import { eventually } from "./harness/cluster.ts";
import { clusterTools, textOf } from "./harness/clusters.ts";
import { Kubelet } from "./harness/kubelet.ts";
import { Watcher } from "./harness/objects.ts";
import { withController } from "./harness/stage.ts";

describe("a cluster", () => {
  let client: Client;
  let namespace: string;

  const controller = withController((stage) => ({ client, namespace } = stage));

  const { create, names, become, says } = clusterTools(
    () => client,
    () => namespace,
  );

  it("of defaults gets a master, three workers, their Secrets, an endpoint and a kubeconfig", async () => {
    const owner = await create({});
    await become(machines, ["lab-master-0", "lab-node-0", "lab-node-1", "lab-node-2"]);
    await become(services, ["lab-api", "lab-members"]);
    await become(secrets, [
      "lab-bootstrap",
      "lab-ca",
      "lab-etcd",
      "lab-kubeconfig",
      "lab-master-0-ignition",
      "lab-node-0-ignition",
      "lab-node-1-ignition",
      "lab-node-2-ignition",
      "lab-proxy",
      "lab-sa",
    ]);
    await become(endpointSlices, ["lab-api"]);
    for (const resource of [machines, secrets, services, endpointSlices] as Resource<KubeObject>[]) {
      for (const object of (await client.listPage(resource, { namespace }, 100)).items) {
        assert.equal(controllerOf(object)?.uid, owner.metadata.uid, object.metadata.name);
      }
    }
    const slice = await client.get(endpointSlices, namespace, "lab-api");
    assert.equal(slice.endpoints, null, "nothing answers yet");
  });

  it("tells its members nothing secret but in their own Secrets", async () => {
    await create({ workers: { replicas: 1 } });
    await become(machines, ["lab-master-0", "lab-node-0"]);
    const token = textOf(await client.get(secrets, namespace, "lab-bootstrap"), "token");
    assert.match(token, /^[a-z0-9]{6}\.[a-z0-9]{16}$/);
    const worker = textOf(await client.get(secrets, namespace, "lab-node-0-ignition"), "userdata");
    const ca = textOf(await client.get(secrets, namespace, "lab-ca"), "tls.key");
    assert.equal(worker.includes(Buffer.from(ca).toString("base64").slice(0, 60)), false);
    const watcher = new Watcher(client, namespace);
    const pod = await watcher.podOf("lab-node-0");
    const shown = [pod, await client.get(clusters, namespace, "lab"), controller.output()].map((part) =>
      JSON.stringify(part),
    );
    for (const text of shown) {
      assert.equal(text.includes(token.slice(7)), false);
      assert.equal(text.includes("PRIVATE KEY"), false);
    }
    assert.equal(pod.metadata.labels?.["nestlet.dev/cluster"], "lab", "the members' Service finds the pod");
  });

  it("has a kubeconfig whose certificate the cluster's authority has issued", async () => {
    await create({ workers: { replicas: 0 } });
    await become(machines, ["lab-master-0"]);
    const [kubeconfig, ca] = await Promise.all([
      client.get(secrets, namespace, "lab-kubeconfig"),
      client.get(secrets, namespace, "lab-ca"),
    ]);
    assert.equal(kubeconfig.type, "cluster.x-k8s.io/secret");
    const config = JSON.parse(textOf(kubeconfig, "value")) as {
      clusters: { cluster: { server: string; "certificate-authority-data": string } }[];
      users: { user: { "client-certificate-data": string } }[];
    };
    assert.equal(config.clusters[0]?.cluster.server, `https://lab-api.${namespace}.svc:6443`);
    const authority = new X509Certificate(textOf(ca, "tls.crt"));
    const user = config.users[0]?.user["client-certificate-data"] ?? "";
    const certificate = new X509Certificate(Buffer.from(user, "base64"));
    assert.ok(certificate.checkIssued(authority) && certificate.verify(authority.publicKey));
    assert.match(certificate.subject, /O=kubeadm:cluster-admins/);
    assert.ok(authority.verify(authority.publicKey));
  });

  it("takes the user's own authority", async () => {
    const { certificate, key } = await newAuthority("mine", Date.now());
    const data = {
      "tls.crt": Buffer.from(certificate).toString("base64"),
      "tls.key": Buffer.from(key).toString("base64"),
    };
    await client.create(secrets, { metadata: { namespace, name: "lab-ca" }, data });
    await create({ workers: { replicas: 0 } });
    await become(machines, ["lab-master-0"]);
    const kept = await client.get(secrets, namespace, "lab-ca");
    assert.deepEqual(kept.data, data);
    assert.equal(controllerOf(kept), undefined, "it stays when the cluster goes");
  });

  it("names the key that the user's own authority lacks, and makes no members", async () => {
    await client.create(secrets, { metadata: { namespace, name: "lab-ca" }, data: { "tls.crt": "eA==" } });
    await create({});
    await says("InfrastructureReady", /^False InvalidAuthority: Secret lab-ca has no key "tls.key"/);
    assert.deepEqual(await names(machines), []);
  });

  it("waits for the Secret of its ssh keys, and goes on by itself", async function () {
    this.timeout(60_000);
    await create({ ssh: { secretRef: { name: "keys" } }, workers: { replicas: 0 } });
    await says("Ready", /^False SecretNotFound: spec\.ssh\.secretRef: Secret keys does not exist/);
    assert.deepEqual(await names(machines), []);
    const value = Buffer.from("ssh-ed25519 AAAA me\n").toString("base64");
    await client.create(secrets, { metadata: { namespace, name: "keys" }, data: { key: value } });
    await eventually(
      "the master is made",
      async () => ((await names(machines)).length > 0 ? true : undefined),
      40_000,
    );
    assert.match(
      textOf(await client.get(secrets, namespace, "lab-master-0-ignition"), "userdata"),
      /AAAA me/,
    );
  });

  it("says what is wrong with its ssh keys and snippets, one after the other", async function () {
    this.timeout(90_000);
    const data = { key: Buffer.from("-----BEGIN OPENSSH PRIVATE KEY-----").toString("base64") };
    await client.create(secrets, { metadata: { namespace, name: "keys" }, data });
    const inline = '{"ignition": {"version": "3.3.0"},\n"storage": {"file": []}}';
    await create({
      ssh: { secretRef: { name: "keys" } },
      ignition: { snippets: [{ inline }] },
      workers: { replicas: 0 },
    });
    await says(
      "Ready",
      /^False InvalidSSHKeys: spec\.ssh\.secretRef: key 1 is not a public key; give lines such as/,
    );
    await client.mergePatch(secrets, { namespace, name: "keys" }, { data: { key: "" } });
    await says("Ready", /^False InvalidSSHKeys: spec\.ssh\.secretRef: holds no key/);
    const ssh = { authorizedKeys: ["ssh-ed25519 AAAA me"], secretRef: null };
    await client.mergePatch(clusters, { namespace, name: "lab" }, { spec: { ssh } });
    await says(
      "InfrastructureReady",
      /^False InvalidIgnition: spec\.ignition\.snippets\[0\]: storage\.file is no key of Ignition's; .* \(line 2\)/,
    );
    assert.deepEqual(await names(machines), []);
    const ignition = { snippets: [] };
    await client.mergePatch(clusters, { namespace, name: "lab" }, { spec: { ignition } });
    await become(machines, ["lab-master-0"]);
  });

  it("refuses ranges that the host cluster uses", async () => {
    await create({ network: { serviceCIDR: "10.96.0.0/16" } });
    await says(
      "Ready",
      /^False NetworkOverlap: spec\.network\.serviceCIDR 10\.96\.0\.0\/16 holds 10\.96\.0\.1, the address of the Service/,
    );
    assert.deepEqual(await names(machines), []);
  });

  it("does not take over somebody else's machine", async () => {
    await client.create(machines, {
      metadata: { namespace, name: "lab-master-0" },
      spec: {
        runStrategy: "Halted",
        template: { spec: { domain: { memory: { guest: "64Mi" } } } },
      },
    });
    await create({ workers: { replicas: 0 } });
    await says(
      "Ready",
      /^False NameTaken: VirtualMachine lab-master-0 exists and does not belong to this cluster/,
    );
  });

  it("is scaled by its scale subresource, highest numbers first", async () => {
    await create({ workers: { replicas: 1 } });
    await become(machines, ["lab-master-0", "lab-node-0"]);
    const path = `/apis/nestlet.dev/v1alpha1/namespaces/${namespace}/coreosclusters/lab/scale`;
    await client.call("PATCH", path, { spec: { replicas: 3 } });
    await become(machines, ["lab-master-0", "lab-node-0", "lab-node-1", "lab-node-2"]);
    await client.call("PATCH", path, { spec: { replicas: 1 } });
    const going = await eventually("two machines are going", async () => {
      const { items } = await client.listPage(machines, { namespace }, 10);
      const staying = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
      return staying.length === 2 ? staying.map(({ metadata }) => metadata.name).sort() : undefined;
    });
    assert.deepEqual(going, ["lab-master-0", "lab-node-0"]);
    const scale = await client.call<{ status: { selector?: string } }>("GET", path);
    assert.equal(scale.status.selector, "nestlet.dev/cluster=lab,nestlet.dev/role=worker,!nestlet.dev/pool");
  });

  const external = async (): Promise<{ server: string; name: string | undefined } | undefined> => {
    const secret = await client.find(secrets, namespace, "lab-kubeconfig");
    const text = secret === undefined ? "" : textOf(secret, "external");
    if (text === "") return undefined;
    const config = JSON.parse(text) as {
      clusters: { cluster: { server: string; "tls-server-name"?: string } }[];
    };
    const { server = "", "tls-server-name": name } = config.clusters[0]?.cluster ?? {};
    return { server, name };
  };

  const expose = async (endpoint: object): Promise<void> => {
    await client.mergePatch(clusters, { namespace, name: "lab" }, { spec: { endpoint } });
  };

  it("is reached from outside by a node port, a load balancer, or not at all, as its spec says now", async function () {
    this.timeout(90_000);
    await create({ workers: { replicas: 0 }, endpoint: { type: "NodePort", nodePort: 31_643 } });
    await says("EndpointReady", /^False EndpointPending: the master has not been given a node/);
    const pod = await new Watcher(client, namespace).podOf("lab-master-0");
    await new Kubelet(client).status(pod, {
      phase: "Pending",
      hostIP: "192.0.2.4",
      hostIPs: [{ ip: "192.0.2.4" }],
    });
    await says("EndpointReady", /^True EndpointAvailable/);
    const byPort = { server: "https://192.0.2.4:31643", name: "kubernetes" };
    assert.deepEqual(await eventually("a kubeconfig for outside", external), byPort);
    const { status } = await client.get(clusters, namespace, "lab");
    assert.deepEqual(status?.endpoint, {
      host: `lab-api.${namespace}.svc`,
      port: 6443,
      external: { host: "192.0.2.4", port: 31_643 },
    });

    const annotations = { "example.com/pool": "inner" };
    await expose({ type: "LoadBalancer", nodePort: null, loadBalancerClass: "example.com/lb", annotations });
    await says(
      "EndpointReady",
      /^False EndpointPending: no load balancer has given Service lab-api an address/,
    );
    await eventually("no kubeconfig for outside", async () =>
      (await external()) === undefined ? true : undefined,
    );
    const service = await client.get(services, namespace, "lab-api");
    assert.equal(service.spec.loadBalancerClass, "example.com/lb");
    assert.equal(service.metadata.annotations?.["example.com/pool"], "inner");
    const given = { status: { loadBalancer: { ingress: [{ ip: "192.0.2.9" }] } } };
    await client.mergePatch(services, service.metadata, given, "status");
    await says("EndpointReady", /^True/);
    const byBalancer = { server: "https://192.0.2.9:6443", name: "kubernetes" };
    assert.deepEqual(await eventually("a kubeconfig for outside", external), byBalancer);

    await expose({ type: "ClusterIP", loadBalancerClass: null, annotations: null });
    await eventually("no way in from outside", async () => {
      const { metadata, spec } = await client.get(services, namespace, "lab-api");
      const gone = spec.type === "ClusterIP" && spec.ports?.[0]?.nodePort === undefined;
      return gone && metadata.annotations === undefined && (await external()) === undefined
        ? true
        : undefined;
    });
    await eventually("a status without it", async () => {
      const { status } = await client.get(clusters, namespace, "lab");
      return status?.endpoint?.external === undefined ? true : undefined;
    });
  });

  it("says what the host cluster has against its Service, and goes on with the rest", async () => {
    await create({ workers: { replicas: 0 }, endpoint: { type: "NodePort", nodePort: 80 } });
    await says(
      "EndpointReady",
      /^False EndpointRefused: the host cluster refuses Service lab-api: .*provided port is not in the valid range/,
    );
    await become(machines, ["lab-master-0"]);
    await expose({ nodePort: 31_644 });
    await says("EndpointReady", /^False EndpointPending/);
  });

  it("shows why a member does not run", async () => {
    await create({ workers: { replicas: 0 } });
    const watcher = new Watcher(client, namespace);
    await eventually("the instance is there", async () => client.find(instances, namespace, "lab-master-0"));
    const pod = await watcher.podOf("lab-master-0");
    await new Kubelet(client).waiting(pod, "ErrImagePull", "no such image");
    await says("InfrastructureReady", /^False MemberFailed: lab-master-0: ErrImagePull: no such image/);
  });

  it("is left alone while paused", async () => {
    await create({ paused: true });
    await eventually("it says so", async () => {
      const { status } = await client.get(clusters, namespace, "lab");
      return status?.nextStep === "none: spec.paused is true" ? true : undefined;
    });
    assert.deepEqual(await names(machines), []);
    await client.mergePatch(clusters, { namespace, name: "lab" }, { spec: { paused: false } });
    await become(machines, ["lab-master-0", "lab-node-0", "lab-node-1", "lab-node-2"]);
  });

  it("goes at once when deleted half-way, and a controller that was killed goes on from where it was", async () => {
    await create({ workers: { replicas: 1 } });
    await eventually("it has begun", async () => ((await names(secrets)).length > 0 ? true : undefined));
    await controller.kill();
    await controller.start();
    await become(machines, ["lab-master-0", "lab-node-0"]);
    await client.delete(clusters, { namespace, name: "lab" });
    await assert.rejects(client.get(clusters, namespace, "lab"), isNotFound);
  });
});
