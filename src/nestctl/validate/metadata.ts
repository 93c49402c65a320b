import type { Fault } from "./faults.ts";

/** ObjectMeta of meta.k8s.io/v1. */
const FIELDS = [
  ...["name", "generateName", "namespace", "labels", "annotations", "finalizers", "ownerReferences"],
  ...["uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp"],
  ...["deletionGracePeriodSeconds", "selfLink", "managedFields"],
];

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** The name in a label's key, and a value that is not empty. */
const LABEL = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const LONGEST_SUBDOMAIN = 253;

/** What the API server would refuse of an object's metadata, which no schema of a kind tells of. */
export function metadataFaults(metadata: object): Fault[] {
  const { name, namespace, labels, annotations } = metadata as Record<string, unknown>;
  const unknown = Object.keys(metadata).filter((field) => !FIELDS.includes(field));
  return [
    ...unknown.map((field) =>
      fault(field, `unknown field "${field}"; remove it, or see kubectl explain vm.metadata`),
    ),
    ...(isSubdomain(name)
      ? []
      : [fault("name", `${shown(name)} is no name; use lower-case letters, digits, - and .`)]),
    ...(namespace === undefined || (typeof namespace === "string" && NAMESPACE.test(namespace))
      ? []
      : [fault("namespace", `${shown(namespace)} is no name; use lower-case letters, digits and -`)]),
    ...entries("labels", labels, isLabelValue, "at most 63 letters, digits, -, _ and ."),
    ...entries("annotations", annotations, (value) => typeof value === "string", "a text"),
  ];
}

function entries(
  field: string,
  value: unknown,
  isRight: (value: unknown) => boolean,
  wanted: string,
): Fault[] {
  // Absent, or a line with nothing behind it.
  if (value === undefined || value === null) return [];
  if (typeof value !== "object" || Array.isArray(value))
    return [fault(field, `${shown(value)} is no mapping; write KEY: VALUE`)];
  return Object.entries(value).flatMap(([key, of]) => [
    ...(isKey(key) ? [] : [fault(field, `"${key}" is no key; write NAME or EXAMPLE.COM/NAME`, key)]),
    ...(isRight(of) ? [] : [fault(field, `${shown(of)} has to be ${wanted}${quotesFor(of)}`, key)]),
  ]);
}

function isKey(key: string): boolean {
  const [name = "", prefix, ...more] = key.split("/").toReversed();
  return more.length === 0 && LABEL.test(name) && (prefix === undefined || isSubdomain(prefix));
}

function isLabelValue(value: unknown): boolean {
  return typeof value === "string" && (value === "" || LABEL.test(value));
}

function isSubdomain(name: unknown): boolean {
  return typeof name === "string" && name.length <= LONGEST_SUBDOMAIN && SUBDOMAIN.test(name);
}

/** YAML has taken it for a number, or for a word such as true. */
function quotesFor(value: unknown): string {
  return typeof value === "number" || typeof value === "boolean"
    ? `; write it in quotes: "${String(value)}"`
    : "";
}

function fault(field: string, message: string, ...below: readonly string[]): Fault {
  return { path: ["metadata", field, ...below], message };
}

function shown(value: unknown): string {
  return JSON.stringify(value).slice(0, 80);
}
