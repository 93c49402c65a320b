import type { KubeConfig } from "@kubernetes/client-node";
import { apiErrorOf, UnreachableError } from "../../kube/api-error.ts";
import { Client } from "../../kube/client.ts";
import type { Connection } from "../../kube/connection.ts";
import { loadKubeConfig } from "../../kube/kube-config.ts";
import { CliError, ExitCode, usageError } from "../frame/cli-error.ts";
import type { Globals } from "../frame/globals.ts";
import { connectBriefly } from "./connection.ts";

/** Field manager of nestctl's writes, and its user agent. */
export const CLI_NAME = "nestctl";

/** How to reach the cluster that the flags name, and as whom. */
export interface Session {
  readonly config: KubeConfig;
  readonly client: Client;
  /** --namespace, else the context's, else `default`. */
  readonly namespace: string;
  /** Sent with each request, beside the credentials: who to act as. */
  readonly impersonation: Record<string, string | string[]>;
  /** Rows for a terminal, as the API server renders a kind's columns. */
  table(path: string): Promise<Table>;
  /** A body that goes on, such as a log that is followed. */
  stream(path: string, signal?: AbortSignal): Promise<AsyncIterable<Buffer>>;
}

/** `Table` of meta.k8s.io/v1. */
export interface Table {
  columnDefinitions: { name: string; priority: number }[];
  rows: { cells: unknown[]; object: { metadata: { name: string; namespace?: string } } }[] | null;
}

/** Runs work with a session, whose connections are closed when it is done. */
export async function withSession<T>(globals: Globals, work: (session: Session) => Promise<T>): Promise<T> {
  const config = selectedConfig(globals);
  const impersonation = impersonationOf(globals);
  const connection = actingAs(connectBriefly(config), impersonation);
  try {
    return await work({
      config,
      client: new Client(connection, CLI_NAME),
      namespace: namespaceOf(config, globals),
      impersonation,
      table: async (path) => tableOf(connection, path),
      stream: async (path, signal) => bodyOf(connection, path, "*/*", signal),
    });
  } finally {
    await connection.close();
  }
}

function selectedConfig({ kubeconfig, context }: Globals): KubeConfig {
  const config = readConfig(kubeconfig, context);
  const { server = "", skipTLSVerify = false } = config.getCurrentCluster() ?? {};
  if (!server.startsWith("http:") || skipTLSVerify) return config;
  // What the library takes when it finds nothing.
  if (kubeconfig === undefined && server === "http://localhost:8080") {
    throw new CliError(
      ExitCode.unreachable,
      "no kubeconfig was found",
      "set KUBECONFIG or give --kubeconfig; without these ~/.kube/config is read",
    );
  }
  throw usageError(
    `the server ${server} of the kubeconfig has no TLS: credentials could be read on their way`,
    "use its https address, or set insecure-skip-tls-verify for the cluster, as for kubectl proxy",
  );
}

function readConfig(kubeconfig: string | undefined, context: string | undefined): KubeConfig {
  try {
    return loadKubeConfig(kubeconfig, context);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw usageError(message, "give another --kubeconfig or --context");
  }
}

function namespaceOf(config: KubeConfig, { namespace }: Globals): string {
  const found = namespace ?? config.getContextObject(config.getCurrentContext())?.namespace ?? "default";
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(found)) return found;
  throw usageError(
    `--namespace: "${found}" is no name of a namespace`,
    "use lower-case letters, digits and -",
  );
}

export function impersonationOf({ as, asGroup }: Globals): Record<string, string | string[]> {
  if (as === undefined && asGroup !== undefined) {
    throw usageError("--as-group is given without --as", "say which user of the groups to act as with --as");
  }
  return {
    ...(as === undefined ? {} : { "impersonate-user": as }),
    ...(asGroup === undefined ? {} : { "impersonate-group": asGroup }),
  };
}

function actingAs(connection: Connection, more: Record<string, string | string[]>): Connection {
  const access = async (kind: "requests" | "watches"): ReturnType<Connection["requests"]> => {
    const { dispatcher, headers } = await connection[kind]();
    return { dispatcher, headers: { ...headers, ...more } };
  };
  return {
    server: connection.server,
    requests: async () => access("requests"),
    watches: async () => access("watches"),
    forget: () => connection.forget(),
    close: async () => connection.close(),
  };
}

async function tableOf(connection: Connection, path: string): Promise<Table> {
  const body = await bodyOf(connection, path, "application/json;as=Table;v=v1;g=meta.k8s.io");
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString()) as Table;
}

async function bodyOf(
  connection: Connection,
  path: string,
  accept: string,
  signal?: AbortSignal,
): Promise<AsyncIterable<Buffer>> {
  const { origin, pathname } = new URL(connection.server);
  const { dispatcher, headers } = await connection.watches();
  const answer = await dispatcher
    .request({
      origin,
      path: `${pathname === "/" ? "" : pathname}${path}`,
      method: "GET",
      headers: { ...headers, accept, "user-agent": CLI_NAME },
      // A guest may have nothing to say for days.
      bodyTimeout: 0,
      ...(signal === undefined ? {} : { signal }),
    })
    .catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      throw new UnreachableError(`API server ${connection.server} cannot be reached: ${why}`, {
        cause: error,
      });
    });
  if (answer.statusCode >= 400) throw apiErrorOf(answer.statusCode, await answer.body.text());
  return answer.body as AsyncIterable<Buffer>;
}
