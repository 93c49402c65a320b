import { once } from "node:events";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { Client } from "../../../src/kube/client.ts";
import type { Pod } from "../../../src/kube/object.ts";
import { newAuthority } from "../../../src/pki/authority.ts";

interface Log {
  text: string;
  afterMs: number;
}

/** A node whose kubelet answers for the logs of its containers and for nothing else: what they are, a test says. */
export class NodeLogs {
  readonly node: string;
  readonly #client: Client;
  readonly #server: Server;
  /** By `namespace/pod/container`. */
  readonly #logs: Map<string, Log>;

  private constructor(client: Client, node: string, server: Server, logs: Map<string, Log>) {
    this.#client = client;
    this.node = node;
    this.#server = server;
    this.#logs = logs;
  }

  static async start(client: Client, node: string): Promise<NodeLogs> {
    const { certificate: cert, key } = await newAuthority(node, Date.now());
    const logs = new Map<string, Log>();
    const server = createServer({ cert, key }, ({ url = "" }, response) => {
      const [, path] = /^\/containerLogs\/([^?]*)/.exec(url) ?? [];
      const log = logs.get(path ?? "");
      response.statusCode = log === undefined ? 404 : 200;
      setTimeout(() => response.end(log?.text), log?.afterMs ?? 0);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await client.call("POST", "/api/v1/nodes", { apiVersion: "v1", kind: "Node", metadata: { name: node } });
    const status = {
      addresses: [{ type: "InternalIP", address: "127.0.0.1" }],
      daemonEndpoints: { kubeletEndpoint: { Port: port } },
    };
    await client.call("PATCH", `/api/v1/nodes/${node}/status`, { status });
    return new NodeLogs(client, node, server, logs);
  }

  /** @param afterMs how long it keeps whoever asks waiting */
  say({ metadata }: Pod, container: string, text: string, afterMs = 0): void {
    this.#logs.set(`${metadata.namespace}/${metadata.name}/${container}`, { text, afterMs });
  }

  async stop(): Promise<void> {
    await this.#client.call("DELETE", `/api/v1/nodes/${this.node}`);
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
