import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Registry } from "prom-client";

export interface HealthServerOptions {
  /** `host:port`, `:port` for all addresses; port 0 picks a free one. */
  address: string;
  registry: Registry;
  /** Why the process should be ended and started anew, if it should. */
  unhealthy: () => string | undefined;
  /** What is still being waited for, if anything. */
  unready: () => string | undefined;
}

/** /healthz, /readyz and /metrics. */
export class HealthServer {
  readonly #options: HealthServerOptions;
  readonly #server: Server;

  constructor(options: HealthServerOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      void this.#answer(new URL(request.url ?? "/", "http://localhost").pathname, response);
    });
  }

  /** @throws Error that names the address, when it cannot be listened on */
  async start(): Promise<number> {
    const { host, port } = parseAddress(this.#options.address);
    try {
      this.#server.listen(port, host);
      await once(this.#server, "listening");
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      throw new Error(`--metrics-address ${this.#options.address}: ${cause}`, { cause: error });
    }
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #answer(path: string, response: ServerResponse): Promise<void> {
    const { registry, unhealthy, unready } = this.#options;
    switch (path) {
      case "/healthz":
        state(response, unhealthy());
        return;
      case "/readyz":
        state(response, unready());
        return;
      case "/metrics":
        response.setHeader("content-type", registry.contentType);
        response.end(await registry.metrics());
        return;
      default:
        response.statusCode = 404;
        response.end("see /healthz, /readyz and /metrics\n");
    }
  }
}

function state(response: ServerResponse, trouble: string | undefined): void {
  response.statusCode = trouble === undefined ? 200 : 503;
  response.end(`${trouble ?? "ok"}\n`);
}

/**
 * Splits `host:port`; brackets around an IPv6 address are taken off.
 * @throws Error for anything else
 */
export function parseAddress(address: string): { host?: string; port: number } {
  const match = /^(.*):(\d{1,5})$/.exec(address);
  const port = Number(match?.[2] ?? Number.NaN);
  if (match === null || port > 65_535) {
    throw new Error(
      `--metrics-address "${address}" is not host:port; write for example :8080 or 127.0.0.1:8080`,
    );
  }
  const host = (match[1] ?? "").replace(/^\[(.*)\]$/, "$1");
  return host === "" ? { port } : { host, port };
}
