import { parseArgs } from "node:util";
import { logLevels, type LogLevel } from "../kube/log.ts";
import { parseAddress } from "../kube/health-server.ts";

export interface Flags {
  /** Absent: as kubectl finds it, or the pod's service account. */
  kubeconfig?: string;
  launcherImage: string;
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
  const launcherImage = values["launcher-image"] ?? "";
  if (launcherImage === "" && values.help !== true) {
    throw new Error("--launcher-image is missing; give the reference of the launcher's image");
  }
  const metricsAddress = values["metrics-address"] ?? ":8080";
  parseAddress(metricsAddress);
  return {
    ...(values.kubeconfig === undefined ? {} : { kubeconfig: values.kubeconfig }),
    launcherImage,
    metricsAddress,
    leaderElect: values["leader-elect"] ?? false,
    leaderElectNamespace: values["leader-elect-namespace"] ?? ownNamespace(environment),
    catalogNamespace: values["catalog-namespace"] ?? ownNamespace(environment),
    namespaces: namesOf(values.namespaces ?? ""),
    logLevel: logLevelOf(values["log-level"] ?? "info"),
    concurrency: concurrencyOf(values.concurrency ?? "16"),
    help: values.help ?? false,
  };
}

const options = {
  "launcher-image": { type: "string" },
  kubeconfig: { type: "string" },
  namespaces: { type: "string" },
  "metrics-address": { type: "string" },
  "leader-elect": { type: "boolean" },
  "leader-elect-namespace": { type: "string" },
  "catalog-namespace": { type: "string" },
  concurrency: { type: "string" },
  "log-level": { type: "string" },
  help: { type: "boolean" },
} as const;

function parsed(args: readonly string[]): ReturnType<typeof parseArgs<{ options: typeof options }>> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false });
  } catch (error) {
    const [line = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new Error(`${line.replace(/\.? To specify a positional.*$/, "")}; see --help`, { cause: error });
  }
}

function ownNamespace(environment: NodeJS.ProcessEnv): string {
  return environment["POD_NAMESPACE"] ?? "nestlet-system";
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
