import type { KeyPair } from "../../guest-config/member.ts";

/** A kubeconfig as a file holds it; JSON is YAML. */
export function kubeconfigOf(cluster: string, server: string, ca: string, client: KeyPair): string {
  const user = `${cluster}-admin`;
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: cluster, cluster: { server, "certificate-authority-data": base64(ca) } }],
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

/** The client certificate in such a kubeconfig (PEM), to see how old it is; undefined when there is none. */
export function certificateIn(kubeconfig: string): string | undefined {
  try {
    const { users } = JSON.parse(kubeconfig) as {
      users?: { user?: { "client-certificate-data"?: string } }[];
    };
    const data = users?.[0]?.user?.["client-certificate-data"];
    return data === undefined ? undefined : Buffer.from(data, "base64").toString();
  } catch {
    return undefined;
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
