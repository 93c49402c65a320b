import { createHash } from "node:crypto";

/** Longest RFC 1123 label, and longest value of a Kubernetes label. */
const longest = 63;

/**
 * A label's value for the name of an object: the name itself, or, where it is longer than a value may be, its
 * beginning and a hash of the whole. Dots are fine in both.
 */
export function labelValueOf(name: string): string {
  if (name.length <= longest) return name;
  const hash = shortHash(name);
  return `${trimmed(name.slice(0, longest - hash.length - 1))}-${hash}`;
}

/**
 * The launcher pod's name: the same for one instance (UID), different for the next one of that name, so that the API
 * server itself refuses a second pod. It is an RFC 1123 label, as host names derived from it must be.
 */
export function launcherPodName(instance: { name: string; uid: string }): string {
  const [prefix, hash] = ["virt-launcher-", shortHash(instance.uid)];
  const room = longest - prefix.length - hash.length - 1;
  return `${prefix}${trimmed(instance.name.replaceAll(".", "-").slice(0, room))}-${hash}`;
}

/** The host name that a guest gets from its instance's name: the part before the first dot, cut to a label. */
export function hostnameOf(name: string): string {
  return trimmed((name.split(".")[0] ?? name).slice(0, longest));
}

function trimmed(text: string): string {
  return text.replace(/[-.]+$/, "");
}

function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 10);
}
