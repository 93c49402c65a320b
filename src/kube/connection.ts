import type { RequestOptions } from "node:https";
import type { KubeConfig } from "@kubernetes/client-node";
import { Agent, ProxyAgent, type Dispatcher } from "undici";
import type { Sender } from "./sender.ts";

/** How to reach one API server, and as whom. */
export interface Connection {
  /** Base URL without a trailing slash. */
  readonly server: string;
  /** For requests that are answered at once. */
  requests(): Promise<Access>;
  /** For watches, each of which holds a connection for minutes. */
  watches(): Promise<Access>;
  /** Drops cached credentials: they were refused. */
  forget(): void;
  close(): Promise<void>;
}

export interface Access {
  dispatcher: Sender;
  headers: Record<string, string | string[]>;
}

/** More at the same time only wait for each other in the API server. */
const requestConnections = 10;

/** Tokens of service accounts and exec plugins are looked at again after this long. */
const credentialsLifeMs = 10_000;

/**
 * A connection that all parts of a program share. The client library makes a new pool, and so a new TLS handshake, a
 * call; here there are two pools that last as long as the TLS identity does.
 */
export function connect(config: KubeConfig): Connection {
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new Error("the kubeconfig's current context names no cluster");
  let credentials: Promise<Credentials> | undefined;
  let expires = 0;
  let pools: Pools | undefined;
  const current = async (): Promise<{ pools: Pools; headers: Record<string, string> }> => {
    if (credentials === undefined || Date.now() >= expires) {
      credentials = readCredentials(config);
      expires = Date.now() + credentialsLifeMs;
    }
    const { tls, headers } = await credentials;
    const identity = JSON.stringify(tls);
    if (pools?.identity !== identity) {
      // Requests under way end on the old pools, which close by themselves then.
      void pools?.close();
      pools = openPools(config, tls, identity);
    }
    return { pools, headers };
  };
  return {
    server: cluster.server.replace(/\/$/, ""),
    requests: async () => {
      const { pools: open, headers } = await current();
      return { dispatcher: open.requests, headers };
    },
    watches: async () => {
      const { pools: open, headers } = await current();
      return { dispatcher: open.watches, headers };
    },
    forget: () => {
      credentials = undefined;
    },
    close: async () => {
      await pools?.destroy();
    },
  };
}

interface TlsOptions {
  ca?: string;
  cert?: string;
  key?: string;
  passphrase?: string;
  servername?: string;
  rejectUnauthorized?: boolean;
}

interface Credentials {
  tls: TlsOptions;
  headers: Record<string, string>;
}

async function readCredentials(config: KubeConfig): Promise<Credentials> {
  const options: RequestOptions & { servername?: string } = {};
  await config.applyToHTTPSOptions(options);
  const { rejectUnauthorized, servername, passphrase } = options;
  const tls: TlsOptions = {
    ...pem("ca", options.ca),
    ...pem("cert", options.cert),
    ...pem("key", options.key),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(servername === undefined ? {} : { servername }),
    ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
  };
  const headers = Object.fromEntries(
    Object.entries(options.headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
  if (typeof options.auth === "string") {
    headers["authorization"] = `Basic ${Buffer.from(options.auth).toString("base64")}`;
  }
  return { tls, headers };
}

/** The client library reads certificates and keys into buffers of PEM text. */
function pem(name: "ca" | "cert" | "key", value: unknown): TlsOptions {
  return Buffer.isBuffer(value) ? { [name]: value.toString() } : {};
}

interface Pools {
  identity: string;
  requests: Dispatcher;
  watches: Dispatcher;
  close(): Promise<void>;
  destroy(): Promise<void>;
}

function openPools(config: KubeConfig, tls: TlsOptions, identity: string): Pools {
  const requests = openPool(config, tls, { connections: requestConnections, bodyTimeout: 60_000 });
  // The API server sends a bookmark a minute: a watch that is silent for three is dead.
  const watches = openPool(config, tls, { bodyTimeout: 180_000 });
  const both = [requests, watches];
  return {
    identity,
    requests,
    watches,
    close: async () => {
      await Promise.allSettled(both.map(async (pool) => pool.close()));
    },
    destroy: async () => {
      await Promise.allSettled(both.map(async (pool) => pool.destroy()));
    },
  };
}

function openPool(config: KubeConfig, identity: TlsOptions, limits: Agent.Options): Dispatcher {
  const options = config.createDispatcherOptions(config.getCurrentCluster(), identity);
  const common: Agent.Options = {
    ...limits,
    allowH2: false,
    headersTimeout: 60_000,
    keepAliveTimeout: 60_000,
    connectTimeout: 10_000,
  };
  switch (options.type) {
    case "proxy":
      return new ProxyAgent({ ...common, uri: options.uri, requestTls: identity });
    case "socks":
      throw new Error(`kubeconfig: the proxy ${options.uri} is of type SOCKS; use an HTTP proxy`);
    case "agent":
      return new Agent({
        ...common,
        connect: { ...identity, timeout: 10_000, keepAlive: true, keepAliveInitialDelay: 30_000 },
      });
    case "none":
      return new Agent(common);
  }
}
