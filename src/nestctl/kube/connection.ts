import type { KubeConfig } from "@kubernetes/client-node";
import { Agent, type AgentOptions, type RequestOptions } from "node:https";
import type { Access, Connection } from "../../kube/connection.ts";
import { sender } from "./sender.ts";

/** Tokens of exec plugins are looked at again after this long; they are kept by the library for as long as they hold. */
const CREDENTIALS_MS = 10_000;

/**
 * A connection for a program that asks a few things and ends: over Node's own https, since to load an HTTP client takes
 * longer than most answers. Proxies are those that the kubeconfig names, SOCKS ones as well.
 */
export function connectBriefly(config: KubeConfig): Connection {
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new Error("the kubeconfig's current context names no cluster");
  const identity = new Identity();
  let access: Promise<Access> | undefined;
  let expires = 0;
  const current = async (): Promise<Access> => {
    if (access === undefined || Date.now() >= expires) {
      access = accessOf(config, cluster.proxyUrl === undefined ? identity : undefined);
      expires = Date.now() + CREDENTIALS_MS;
    }
    return access;
  };
  return {
    server: cluster.server.replace(/\/$/, ""),
    requests: current,
    watches: current,
    forget: () => {
      access = undefined;
    },
    close: async () => {
      identity.agent?.destroy();
      return Promise.resolve();
    },
  };
}

/** @param identity keeps connections open between requests; absent where a proxy's agent makes them */
async function accessOf(config: KubeConfig, identity: Identity | undefined): Promise<Access> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const { headers = {}, ...rest } = options;
  const secure = config.getCurrentCluster()?.server.startsWith("https:") ?? true;
  const agent = secure && identity !== undefined ? identity.agentFor(rest) : rest.agent;
  return {
    dispatcher: sender({ ...rest, ...(agent === undefined ? {} : { agent }) }),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
    ),
  };
}

/** The connections that were made with one certificate. */
class Identity {
  agent: Agent | undefined;
  private shown = "";

  agentFor(options: RequestOptions): Agent {
    const tls = { ...options, agent: undefined, auth: undefined };
    const shown = JSON.stringify(tls);
    if (this.agent === undefined || shown !== this.shown) {
      // Requests under way end on the old connections, which hold no process.
      this.agent = new Agent({ ...tls, keepAlive: true } as AgentOptions);
      this.shown = shown;
    }
    return this.agent;
  }
}
