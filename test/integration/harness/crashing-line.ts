import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Agent } from "undici";
import type { ApiServer } from "./api-server.ts";
import { removeScratch, scratchFolder } from "./children.ts";

/** What changes nothing: Events, and questions about rights. */
const asides = /\/events|authorization\.k8s\.io/;

/**
 * The line between a controller and its API server. It can cut a life short at one of its writes: the API server has
 * stored it, and the controller never learns of it.
 */
export class CrashingLine {
  /** Path of a kubeconfig that leads through here. */
  readonly kubeconfig: string;
  readonly #directory: string;
  readonly #listener: Server;
  readonly #dispatcher = new Agent({ connect: { rejectUnauthorized: false }, bodyTimeout: 0 });
  #left = Number.POSITIVE_INFINITY;
  #crash: () => void = () => undefined;

  private constructor(directory: string, listener: Server, server: ApiServer) {
    this.#directory = directory;
    this.#listener = listener;
    this.kubeconfig = join(directory, "kubeconfig");
    listener.on("request", (request: IncomingMessage, response: ServerResponse) => {
      // One of the two ends has gone: that is what this is for.
      this.#forward(server.url, request, response).catch(() => response.destroy());
    });
  }

  static async open(server: ApiServer): Promise<CrashingLine> {
    // It must not close a connection that a slow machine's controller is about to use again.
    const listener = createServer({ keepAliveTimeout: 120_000 }).listen(0, "127.0.0.1");
    await once(listener, "listening");
    const line = new CrashingLine(await scratchFolder("line"), listener, server);
    const url = `http://127.0.0.1:${String((listener.address() as AddressInfo).port)}`;
    const config = {
      apiVersion: "v1",
      kind: "Config",
      // Without it the client library refuses plain HTTP.
      clusters: [{ name: "line", cluster: { server: url, "insecure-skip-tls-verify": true } }],
      users: [{ name: "admin", user: { token: "admin-token" } }],
      contexts: [{ name: "line", context: { cluster: "line", user: "admin" } }],
      "current-context": "line",
    };
    await writeFile(line.kubeconfig, JSON.stringify(config));
    return line;
  }

  /** @param writes the last of this many, counted from now, is the end */
  crashAt(writes: number, crash: () => void): void {
    this.#left = writes;
    this.#crash = crash;
  }

  /** Nothing crashes any more. */
  hold(): void {
    this.crashAt(Number.POSITIVE_INFINITY, () => undefined);
  }

  async close(): Promise<void> {
    this.#listener.closeAllConnections();
    this.#listener.close();
    await this.#dispatcher.destroy();
    removeScratch(this.#directory);
  }

  async #forward(url: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "GET", url: path = "/" } = request;
    const answer = await this.#dispatcher.request({
      origin: url,
      path,
      method,
      headers: endToEnd(request.headers),
      body: method === "GET" ? null : request,
    });
    if (method !== "GET" && !asides.test(path) && --this.#left === 0) this.#crash();
    response.writeHead(answer.statusCode, answer.headers);
    await pipeline(answer.body, response);
  }
}

/** Without what is between neighbours only. */
function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const between = ["host", "connection", "transfer-encoding"];
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !between.includes(name)));
}
