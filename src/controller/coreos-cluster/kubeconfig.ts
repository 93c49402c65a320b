import type { KeyPair } from "../../guest-config/member.ts";

/** Where a kubeconfig leads to. */
export interface Target {
  /** Name of the cluster. */
  cluster: string;
  /** https://host:port */
  server: string;
  /** Name in the API server's certificate, where that of `server` is not in it. */
  servername?: string;
  /** PEM. */
  ca: string;
}

interface Kubeconfig {
  clusters?: { cluster?: { server?: string; "certificate-authority-data"?: string } }[];
  users?: { user?: { "client-certificate-data"?: string; "client-key-data"?: string } }[];
}

/** A kubeconfig as a file holds it; JSON is YAML. */
export function kubeconfigOf({ cluster, server, servername, ca }: Target, client: KeyPair): string {
  const user = `${cluster}-admin`;
  const name = servername === undefined ? {} : { "tls-server-name": servername };
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: cluster, cluster: { server, ...name, "certificate-authority-data": base64(ca) } }],
    users: [
      {
        name: user,
        user: {
          "client-certificate-data": base64(client.certificate),
          "client-key-data": base64(client.key),
        },
      },
    ],
    contexts: [{ name: cluster, context: { cluster, user } }],
    "current-context": cluster,
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

/** The client in such a kubeconfig; undefined when there is none. */
export function clientIn(kubeconfig: string): KeyPair | undefined {
  const user = parsed(kubeconfig).users?.[0]?.user;
  const [certificate, key] = [user?.["client-certificate-data"], user?.["client-key-data"]];
  return certificate === undefined || key === undefined
    ? undefined
    : { certificate: fromBase64(certificate), key: fromBase64(key) };
}

/** The server that such a kubeconfig leads to. */
export function serverIn(kubeconfig: string): string | undefined {
  return parsed(kubeconfig).clusters?.[0]?.cluster?.server;
}

function parsed(kubeconfig: string): Kubeconfig {
  try {
    return JSON.parse(kubeconfig) as Kubeconfig;
  } catch {
    return {};
  }
}

function fromBase64(text: string): string {
  return Buffer.from(text, "base64").toString();
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
