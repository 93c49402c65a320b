import { randomInt } from "node:crypto";

const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

/** A bootstrap token, `abcdef.0123456789abcdef`. */
export function newToken(): string {
  return `${word(6)}.${word(16)}`;
}

function word(length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");
}

/** The Secret by which a guest's API server takes the token until it expires, in the guest's kube-system. */
export function tokenSecret(token: string, member: string, expiresMs: number): object {
  const [id = "", secret = ""] = token.split(".");
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: `bootstrap-token-${id}`, namespace: "kube-system" },
    type: "bootstrap.kubernetes.io/token",
    stringData: {
      description: `Nestlet: join of ${member}`,
      "token-id": id,
      "token-secret": secret,
      expiration: new Date(expiresMs).toISOString(),
      "usage-bootstrap-authentication": "true",
      "usage-bootstrap-signing": "true",
      "auth-extra-groups": "system:bootstrappers:kubeadm:default-node-token",
    },
  };
}
