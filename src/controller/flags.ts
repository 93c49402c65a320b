import { posix } from "node:path";
import { parseArgs } from "node:util";
import { logLevels, type LogLevel } from "../kube/log.ts";
import { parseAddress } from "../kube/health-server.ts";

export interface Flags {
  /** Absent: as kubectl finds it, or the pod's service account. */
  kubeconfig?: string;
  launcherImage: string;
  /** False: the cluster cannot mount images as volumes, so that pods copy them. */
  imageVolumes: boolean;
  /** Folders of the nodes in which instances may have disks (hostDisk); empty: none. */
  hostDiskFolders: string[];
  metricsAddress: string;
  leaderElect: boolean;
  /** Where the Lease is. */
  leaderElectNamespace: string;
  /** Where the ConfigMap of the catalog is. */
  catalogNamespace: string;
  /** Empty: all. */
  namespaces: string[];
  logLevel: LogLevel;
  concurrency: number;
  help: boolean;
}

export const usage = `Usage: controller --launcher-image IMAGE [options]

  --launcher-image IMAGE          image of the launcher that virtual machines run in
  --kubeconfig FILE               how to reach the API server; default as kubectl, or the pod's service account
  --copy-images                   have pods copy registry disks, for clusters that cannot mount images as volumes
  --host-disk-folders A,B         folders of the nodes in which virtual machines may have disks; default none
  --namespaces A,B                look after these namespaces only; default all
  --metrics-address HOST:PORT     where /metrics, /healthz and /readyz answer; default :8080
  --leader-elect                  wait for the Lease, so that of several replicas one acts
  --leader-elect-namespace NAME   namespace of the Lease; default $POD_NAMESPACE or nestlet-system
  --catalog-namespace NAME        namespace of the ConfigMap nestlet-catalog; default $POD_NAMESPACE or nestlet-system
  --concurrency N                 objects of a kind worked on at the same time; default 16
  --log-level LEVEL               error, warn, info or debug; default info
  --help                          this text
`;

/**
 * @param environment POD_NAMESPACE is taken from it
 * @throws Error with one line that names the flag, the value and the remedy
 */
export function parseFlags(args: readonly string[], environment: NodeJS.ProcessEnv): Flags {
  const { values } = parsed(args);
  const metricsAddress = values["metrics-address"];
  parseAddress(metricsAddress);
  const own = environment["POD_NAMESPACE"] ?? "nestlet-system";
  return {
    ...(values.kubeconfig === undefined ? {} : { kubeconfig: values.kubeconfig }),
    launcherImage: values.help ? "" : launcherImageOf(values["launcher-image"]),
    imageVolumes: !values["copy-images"],
    hostDiskFolders: namesOf(values["host-disk-folders"]).map(folderOf),
    metricsAddress,
    leaderElect: values["leader-elect"],
    leaderElectNamespace: values["leader-elect-namespace"] ?? own,
    catalogNamespace: values["catalog-namespace"] ?? own,
    namespaces: namesOf(values.namespaces),
    logLevel: logLevelOf(values["log-level"]),
    concurrency: concurrencyOf(values.concurrency),
    help: values.help,
  };
}

const options = {
  "launcher-image": { type: "string", default: "" },
  kubeconfig: { type: "string" },
  namespaces: { type: "string", default: "" },
  "copy-images": { type: "boolean", default: false },
  "host-disk-folders": { type: "string", default: "" },
  "metrics-address": { type: "string", default: ":8080" },
  "leader-elect": { type: "boolean", default: false },
  "leader-elect-namespace": { type: "string" },
  "catalog-namespace": { type: "string" },
  concurrency: { type: "string", default: "16" },
  "log-level": { type: "string", default: "info" },
  help: { type: "boolean", default: false },
} as const;

function parsed(args: readonly string[]): ReturnType<typeof parseArgs<{ options: typeof options }>> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false });
  } catch (error) {
    const [line = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new Error(`${line.replace(/\.? To specify a positional.*$/, "")}; see --help`, { cause: error });
  }
}

function launcherImageOf(reference: string): string {
  if (reference === "")
    throw new Error("--launcher-image is missing; give the reference of the launcher's image");
  return reference;
}

/** Without a slash at its end. */
function folderOf(path: string): string {
  const folder = posix.normalize(path).replace(/\/+$/, "");
  if (posix.isAbsolute(folder)) return folder;
  throw new Error(`--host-disk-folders "${path}" is no absolute path below /; for example /var/lib/disks`);
}

function namesOf(list: string): string[] {
  return list
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

function logLevelOf(level: string): LogLevel {
  const known = logLevels.find((one) => one === level);
  if (known === undefined) {
    throw new Error(`--log-level "${level}" is not known; use ${logLevels.join(", ")}`);
  }
  return known;
}

function concurrencyOf(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 1000) {
    throw new Error(`--concurrency "${text}" is not a whole number from 1 to 1000`);
  }
  return count;
}
