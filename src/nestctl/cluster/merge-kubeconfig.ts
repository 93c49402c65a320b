import { isMap, isSeq, parse, parseDocument, type Document } from "yaml";
import { CliError, ExitCode } from "../frame/cli-error.ts";

interface Kubeconfig {
  clusters?: { cluster?: unknown }[];
  users?: { user?: unknown }[];
}

/** Where a cluster goes in a person's kubeconfig. */
export interface Place {
  /** Name of its cluster, user and context. */
  context: string;
  /** Make it the current context; one there is none is made current in any case. */
  use: boolean;
  /** For messages. */
  file: string;
}

/**
 * A kubeconfig with a cluster's beside what was in it. What had the same name before is replaced, all else stays as it
 * was, comments too.
 * @param before text of the person's kubeconfig; empty for none
 * @param cluster text of the cluster's, with one cluster and one user
 * @throws CliError when the person's is no kubeconfig
 */
export function mergedKubeconfig(before: string, cluster: string, { context, use, file }: Place): string {
  const { clusters = [], users = [] } = parse(cluster) as Kubeconfig;
  const document = kubeconfigDocument(before, file);
  place(document, "clusters", { name: context, cluster: clusters[0]?.cluster }, file);
  place(document, "users", { name: context, user: users[0]?.user }, file);
  place(document, "contexts", { name: context, context: { cluster: context, user: context } }, file);
  if (use || !namesOne(document.get("current-context"))) document.set("current-context", context);
  return document.toString({ lineWidth: 0 });
}

function kubeconfigDocument(text: string, file: string): Document {
  const document: Document = parseDocument(text);
  document.contents ??= document.createNode({ apiVersion: "v1", kind: "Config" });
  if (document.errors.length === 0 && isMap(document.contents)) return document;
  const why = document.errors[0]?.message ?? "it is not a mapping";
  throw new CliError(
    ExitCode.failed,
    `${file} is no kubeconfig: ${why}`,
    "correct it, or give another --file",
  );
}

/** kubectl writes "" for no current context. */
function namesOne(context: unknown): boolean {
  return typeof context === "string" && context !== "";
}

function place(
  document: Document,
  key: string,
  entry: { name: string; [key: string]: unknown },
  file: string,
): void {
  const list = document.get(key);
  if (list === undefined || list === null) {
    document.set(key, document.createNode([entry]));
    return;
  }
  if (!isSeq(list)) {
    throw new CliError(
      ExitCode.failed,
      `${file} is no kubeconfig: ${key} is not a list`,
      "correct it, or give another --file",
    );
  }
  const items = list.items;
  const at = items.findIndex((item) => isMap(item) && item.get("name") === entry.name);
  const node = document.createNode(entry);
  // An empty list is written as [] on one line.
  list.flow = false;
  if (at < 0) items.push(node);
  else items[at] = node;
}
