import { ClusterObstacle } from "../../api/conditions.ts";
import type { ClusterSpec } from "../../api/resources.ts";
import { lineOfPath, snippetFault } from "../../guest-config/ignition-snippet.ts";
import { lineOfFault } from "../../guest-config/json-line.ts";
import type { Secret } from "../../kube/object.ts";
import type { Role } from "./names.ts";
import { ObstacleError } from "./obstacle.ts";

/** What the spec says about the inside of the members, with the Secrets that it refers to read. */
export interface Inputs {
  sshAuthorizedKeys: string[];
  snippets: { roles: readonly Role[]; config: object }[];
}

type SecretRef = NonNullable<NonNullable<ClusterSpec["ssh"]>["secretRef"]>;

/** @throws ObstacleError when a Secret is missing or does not hold what it should */
export async function readInputs(
  spec: ClusterSpec,
  find: (name: string) => Promise<Secret | undefined>,
): Promise<Inputs> {
  const keys = [...(spec.ssh?.authorizedKeys ?? [])];
  if (spec.ssh?.secretRef !== undefined) {
    keys.push(...sshKeysIn(await valueOf(spec.ssh.secretRef, "spec.ssh.secretRef", find)));
  }
  const snippets: Inputs["snippets"] = [];
  for (const [index, { roles, inline, secretRef }] of (spec.ignition?.snippets ?? []).entries()) {
    const field = `spec.ignition.snippets[${String(index)}]`;
    const text = secretRef === undefined ? (inline ?? "") : await valueOf(secretRef, field, find);
    snippets.push({ roles: roles ?? ["Master", "Worker"], config: ignitionIn(text, field) });
  }
  return { sshAuthorizedKeys: keys, snippets };
}

async function valueOf(
  { name, key }: SecretRef,
  field: string,
  find: (name: string) => Promise<Secret | undefined>,
): Promise<string> {
  const data = (await find(name))?.data;
  if (data === undefined) {
    throw new ObstacleError(
      ClusterObstacle.SecretNotFound,
      `${field}: Secret ${name} does not exist or is empty`,
    );
  }
  const present = Object.keys(data);
  const wanted = key ?? (present.length === 1 ? present[0] : undefined);
  if (wanted === undefined) {
    throw new ObstacleError(
      ClusterObstacle.SecretNotFound,
      `${field}: Secret ${name} has the keys ${present.join(", ")}; say in key which one to take`,
    );
  }
  const value = data[wanted];
  if (value === undefined) {
    throw new ObstacleError(
      ClusterObstacle.SecretNotFound,
      `${field}: Secret ${name} has no key "${wanted}"`,
    );
  }
  return Buffer.from(value, "base64").toString();
}

/** The lines of an authorized_keys file (sshd(8)) that are keys. */
function sshKeysIn(text: string): string[] {
  const lines = text.split("\n").map((line) => line.trim());
  const keys = lines.filter((line) => line !== "" && !line.startsWith("#"));
  const wrong = keys.findIndex((line) => !/^(ssh-|ecdsa-|sk-)\S+ [A-Za-z0-9+/=]+( .*)?$/.test(line));
  if (keys.length > 0 && wrong < 0) return keys;
  // The line itself is not shown: it may be a private key.
  const what = keys.length === 0 ? "holds no key" : `key ${String(wrong + 1)} is not a public key`;
  throw new ObstacleError(
    ClusterObstacle.InvalidSSHKeys,
    `spec.ssh.secretRef: ${what}; give lines such as "ssh-ed25519 AAAA… me"`,
  );
}

/** The config of a snippet. What Ignition would say of it in the guest, where hardly anybody looks, is said here. */
function ignitionIn(text: string, field: string): object {
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new ObstacleError(
      ClusterObstacle.InvalidIgnition,
      `${field} is not JSON: ${withoutText(error.message)} (line ${String(lineOfFault(text, error))})`,
    );
  }
  const version = versionOf(config);
  if (typeof config !== "object" || config === null || !/^3\.[0-3]\.0$/.test(version ?? "")) {
    throw new ObstacleError(
      ClusterObstacle.InvalidIgnition,
      `${field}: ignition.version is ${version ?? "missing"}; give a config of version 3.0.0 to 3.3.0 ` +
        `(line ${String(lineOfPath(text, ["ignition", "version"]))})`,
    );
  }
  const fault = snippetFault(config);
  if (fault === undefined) return config;
  throw new ObstacleError(
    ClusterObstacle.InvalidIgnition,
    `${field}: ${placeOf(fault.path)} ${fault.what} (line ${String(lineOfPath(text, fault.path))})`,
  );
}

/** `storage.files[0].mode` */
function placeOf(path: readonly (string | number)[]): string {
  return path
    .map((key) => (typeof key === "number" ? `[${String(key)}]` : `.${key}`))
    .join("")
    .slice(1);
}

function versionOf(config: unknown): string | undefined {
  if (typeof config !== "object" || config === null || !("ignition" in config)) return undefined;
  const { ignition } = config;
  if (typeof ignition !== "object" || ignition === null || !("version" in ignition)) return undefined;
  return typeof ignition.version === "string" ? ignition.version : undefined;
}

/** V8 quotes the text, which may be secret, after a comma. */
function withoutText(message: string): string {
  return message
    .replace(/, .*$/s, "")
    .replace(/ in JSON at .*$/s, "")
    .replaceAll("\n", "\\n");
}
