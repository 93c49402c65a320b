import { Agent } from "undici";
import type { Connection } from "./connection.ts";

export interface DirectAccess {
  /** https://address:port */
  server: string;
  /** A name that the server's certificate holds, whatever address it is reached at. */
  servername: string;
  /** PEM. */
  ca: string;
  certificate: string;
  key: string;
}

/** A connection to an API server that needs no kubeconfig; one that does not answer is given up within seconds. */
export function connectDirectly({ server, servername, ca, certificate, key }: DirectAccess): Connection {
  const dispatcher = new Agent({
    connections: 2,
    allowH2: false,
    headersTimeout: 20_000,
    bodyTimeout: 20_000,
    keepAliveTimeout: 60_000,
    connect: { ca, cert: certificate, key, servername, timeout: 5_000 },
  });
  const access = { dispatcher, headers: {} };
  return {
    server,
    requests: async () => Promise.resolve(access),
    watches: async () => Promise.resolve(access),
    forget: () => undefined,
    close: async () => dispatcher.destroy(),
  };
}
