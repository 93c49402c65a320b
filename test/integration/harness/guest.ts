import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { networkInterfaces } from "node:os";
import {
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { isNotFound } from "../../../src/kube/api-error.ts";
import { Client } from "../../../src/kube/client.ts";
import { connect, type Connection } from "../../../src/kube/connection.ts";
import { loadKubeConfig } from "../../../src/kube/kube-config.ts";
import type { Secret } from "../../../src/kube/object.ts";
import { newAuthority } from "../../../src/pki/authority.ts";
import { atRunEnd } from "../../support/run-end.ts";
import { startApiServer, type ApiServer } from "./api-server.ts";
import { eventually } from "./cluster.ts";

let shared: Promise<GuestControlPlane> | undefined;

/** The control plane that the test files of a process share, one after the other; it ends with the run. */
export async function sharedGuest(): Promise<GuestControlPlane> {
  shared ??= startShared();
  return shared;
}

async function startShared(): Promise<GuestControlPlane> {
  const guest = await GuestControlPlane.start();
  atRunEnd(async () => guest.stop());
  return guest;
}

const ecdsa = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/**
 * The API server that a master's guest would run: a real one, with an etcd of its own, at an address that pods can
 * have. Its Nodes and pods have no kubelet behind them.
 */
export class GuestControlPlane {
  /** The pod address that leads to it. */
  readonly address: string;
  readonly client: Client;
  /** Data of the Secret `<cluster>-ca`, which makes it the control plane of that cluster. */
  readonly authority: NonNullable<Secret["data"]>;
  readonly #server: ApiServer;
  readonly #connection: Connection;

  private constructor(address: string, authority: { certificate: string; key: string }, server: ApiServer) {
    this.address = address;
    this.authority = { "tls.crt": base64(authority.certificate), "tls.key": base64(authority.key) };
    this.#server = server;
    this.#connection = connect(loadKubeConfig(server.kubeconfig));
    this.client = new Client(this.#connection, "test");
  }

  static async start(): Promise<GuestControlPlane> {
    const address = ownAddress();
    const authority = await newAuthority("kubernetes", Date.now());
    const pair = await serverCertificate(authority, address);
    const place = { address, port: 6443, ...pair, authority: authority.certificate };
    return new GuestControlPlane(address, authority, await startApiServer({ place }));
  }

  async stop(): Promise<void> {
    await this.#connection.close();
    await this.#server.stop();
  }

  /** As it was when it began: without Nodes, pods and tokens. */
  async clear(): Promise<void> {
    for (const { name } of await this.#list("/api/v1/namespaces/default/pods")) {
      await this.finish(name);
      await this.#delete(`/api/v1/namespaces/default/pods/${name}`, { gracePeriodSeconds: 0 });
    }
    await this.#delete("/api/v1/nodes");
    await this.#delete("/api/v1/namespaces/kube-system/secrets");
    await this.#delete("/apis/policy/v1/namespaces/default/poddisruptionbudgets");
  }

  /** A Node whose kubelet says that it is Ready, or that it has not been for some seconds. */
  async node(name: string, ready = true, sinceSeconds = 0): Promise<void> {
    const metadata = { name };
    await this.client.call("POST", "/api/v1/nodes", { apiVersion: "v1", kind: "Node", metadata });
    await this.ready(name, ready, sinceSeconds);
  }

  async ready(name: string, ready: boolean, sinceSeconds = 0): Promise<void> {
    const since = new Date(Date.now() - sinceSeconds * 1000).toISOString().replace(/\.\d+Z$/, "Z");
    const condition = {
      type: "Ready",
      status: ready ? "True" : "False",
      reason: "Test",
      message: ready ? "" : "it is sick",
      lastHeartbeatTime: since,
      lastTransitionTime: since,
    };
    await this.client.call("PATCH", `/api/v1/nodes/${name}/status`, { status: { conditions: [condition] } });
  }

  async nodes(): Promise<string[]> {
    return (await this.#list("/api/v1/nodes")).map(({ name }) => name).sort();
  }

  async cordoned(name: string): Promise<boolean> {
    const path = `/api/v1/nodes/${name}`;
    const { spec } = await this.client.call<{ spec: { unschedulable?: boolean } }>("GET", path);
    return spec.unschedulable === true;
  }

  /** Whom a bootstrap token opens the control plane for. */
  async userOf(token: string): Promise<{ username: string; groups: string[] }> {
    const path = "/apis/authentication.k8s.io/v1/tokenreviews";
    const review = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token } };
    const { status } = await this.client.call<{
      status: { user: { username: string; groups: string[] }; error?: string };
    }>("POST", path, review);
    if (status.error !== undefined) throw new Error(status.error);
    return status.user;
  }

  /** A pod that runs on a Node; with a finalizer it stays when it is evicted, as one that takes long to end. */
  async pod(name: string, node: string): Promise<void> {
    await this.client.call("POST", "/api/v1/namespaces/default/pods", {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, labels: { app: name }, finalizers: ["example.com/slow"] },
      spec: {
        nodeName: node,
        terminationGracePeriodSeconds: 0,
        containers: [{ name: "a", image: "example.com/a" }],
      },
    });
    const status = { phase: "Running", conditions: [{ type: "Ready", status: "True" }] };
    await this.client.call("PATCH", `/api/v1/namespaces/default/pods/${name}/status`, { status });
  }

  /** A disruption budget that lets the pod never be evicted; nobody looks after it. */
  async protect(name: string): Promise<void> {
    await this.client.call("POST", "/apis/policy/v1/namespaces/default/poddisruptionbudgets", {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name },
      spec: { minAvailable: 1, selector: { matchLabels: { app: name } } },
    });
  }

  /** Waits until the pod is asked to go. */
  async evicted(name: string): Promise<void> {
    await eventually(`${name} is evicted`, async () => ((await this.isEvicted(name)) ? true : undefined));
  }

  async isEvicted(name: string): Promise<boolean> {
    const path = `/api/v1/namespaces/default/pods/${name}`;
    const { metadata } = await this.client.call<{ metadata: { deletionTimestamp?: string } }>("GET", path);
    return metadata.deletionTimestamp !== undefined;
  }

  /** The pod has ended. */
  async finish(name: string): Promise<void> {
    const path = `/api/v1/namespaces/default/pods/${name}`;
    await this.client.call("PATCH", path, { metadata: { finalizers: null } });
  }

  async #list(path: string): Promise<{ name: string }[]> {
    const { items } = await this.client.call<{ items: { metadata: { name: string } }[] }>("GET", path);
    return items.map(({ metadata }) => metadata);
  }

  async #delete(path: string, options: object = {}): Promise<void> {
    try {
      await this.client.call("DELETE", path, { apiVersion: "v1", kind: "DeleteOptions", ...options });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

/** Endpoints may not be on loopback. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const own = all.find(({ family, internal }) => family === "IPv4" && !internal);
  if (own === undefined) throw new Error("this machine has no address but loopback, and a guest needs one");
  return own.address;
}

async function serverCertificate(
  authority: { certificate: string; key: string },
  address: string,
): Promise<{ certificate: string; key: string }> {
  const keys = await webcrypto.subtle.generateKey(ecdsa, true, ["sign", "verify"]);
  const der = Buffer.from(authority.key.replace(/-----[^-]+-----|\s/g, ""), "base64");
  const signingKey = await webcrypto.subtle.importKey("pkcs8", der, ecdsa, false, ["sign"]);
  const issuer = new X509Certificate(authority.certificate);
  const certificate = await X509CertificateGenerator.create({
    subject: "CN=kube-apiserver",
    issuer: issuer.subjectName,
    notBefore: issuer.notBefore,
    notAfter: issuer.notAfter,
    signingAlgorithm: ecdsa,
    signingKey,
    publicKey: keys.publicKey,
    extensions: [
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([
        { type: "dns", value: "kubernetes" },
        { type: "ip", value: address },
      ]),
    ],
  });
  const key = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  return {
    certificate: certificate.toString("pem"),
    key: `-----BEGIN PRIVATE KEY-----\n${key.replace(/.{64}/g, "$&\n")}\n-----END PRIVATE KEY-----\n`,
  };
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
