import { ClusterCondition } from "../../api/conditions.ts";
import { coreOSClusters, type CoreOSCluster } from "../../api/resources.ts";
import { publicKeys } from "../create/files.ts";
import { clusterManifest, type ClusterFlags } from "../create/manifests.ts";
import { CliError, ExitCode } from "../frame/cli-error.ts";
import { countOf, durationMs } from "../frame/flag-values.ts";
import type { Globals } from "../frame/globals.ts";
import { coloured, note, print } from "../frame/output.ts";
import { Progress } from "../frame/progress.ts";
import { withSession, type Session } from "../kube/session.ts";
import { until } from "../vm/until.ts";

export interface UpOptions {
  workers?: string;
  image?: string;
  kubernetesVersion?: string;
  expose?: ClusterFlags["expose"];
  /** Files. */
  sshKey?: string[];
  timeout: string;
  wait: boolean;
}

export type DownOptions = Pick<UpOptions, "timeout" | "wait">;

/** As kube-up had it. */
const DEFAULT_WORKERS = 3;

/** `nestctl cluster up` */
export async function up(globals: Globals, name: string, options: UpOptions): Promise<void> {
  const timeoutMs = durationMs(options.timeout, "--timeout");
  const workers =
    options.workers === undefined ? undefined : countOf(options.workers, "--workers (NUM_NODES)");
  await withSession(globals, async (session) => {
    print(`coreoscluster.nestlet.dev/${name} ${await makeOrScale(session, name, workers, options)}\n`);
    if (!options.wait) return;
    await becomesReady(session, name, timeoutMs);
    print(`${name} is Ready; open it: nestctl cluster kubeconfig ${name} --merge\n`);
  });
}

async function makeOrScale(
  { client, namespace }: Session,
  name: string,
  workers: number | undefined,
  { image, kubernetesVersion, expose, sshKey }: UpOptions,
): Promise<string> {
  const found = await client.find(coreOSClusters, namespace, name);
  if (found === undefined) {
    const { metadata, spec } = clusterManifest(name, {
      workers: String(workers ?? DEFAULT_WORKERS),
      ...(image === undefined ? {} : { image }),
      ...(kubernetesVersion === undefined ? {} : { kubernetes: kubernetesVersion }),
      ...(expose === undefined ? {} : { expose }),
      ...(await publicKeys(sshKey)),
    });
    await client.create(coreOSClusters, { metadata: { ...metadata, namespace }, spec });
    return "created";
  }
  if (workers === undefined || found.spec.workers?.replicas === workers) return "unchanged";
  await client.mergePatch(coreOSClusters, { namespace, name }, { spec: { workers: { replicas: workers } } });
  return "scaled";
}

async function becomesReady({ client, namespace }: Session, name: string, timeoutMs: number): Promise<void> {
  const progress = new Progress();
  let last: CoreOSCluster | undefined;
  try {
    const ready = await until(timeoutMs, async () => {
      last = await client.get(coreOSClusters, namespace, name);
      if (isReady(last)) return true;
      progress.tell(last.status?.nextStep ?? "waiting for the controller");
      return undefined;
    });
    if (ready === true) return;
  } finally {
    progress.end();
  }
  throw new CliError(
    ExitCode.timedOut,
    `${name} is not Ready after ${timeoutMs / 1000} s: ${last?.status?.nextStep ?? "nothing is known of it"}`,
    `see kubectl describe coreoscluster ${name} and nestctl cluster logs ${name}; it goes on by itself`,
  );
}

/** Ready as the spec is now, not as it was. */
export function isReady({ metadata, status }: CoreOSCluster): boolean {
  const ready = status?.conditions?.find(({ type }) => type === ClusterCondition.Ready);
  return ready?.status === "True" && status?.observedGeneration === metadata.generation;
}

/** `nestctl cluster down` */
export async function down(globals: Globals, name: string, options: DownOptions): Promise<void> {
  const timeoutMs = durationMs(options.timeout, "--timeout");
  await withSession(globals, async ({ client, namespace }) => {
    // The cluster stays until its members are gone, and with them their guests.
    await client.delete(coreOSClusters, { namespace, name }, { propagationPolicy: "Foreground" });
    if (!options.wait) {
      print(`coreoscluster.nestlet.dev/${name} deletion requested\n`);
      return;
    }
    note(coloured("cyan", `waiting until ${name} is gone`));
    const gone = await until(timeoutMs, async () =>
      (await client.find(coreOSClusters, namespace, name)) === undefined ? true : undefined,
    );
    if (gone === undefined) {
      throw new CliError(
        ExitCode.timedOut,
        `${name} is still there after ${timeoutMs / 1000} s`,
        `see nestctl cluster nodes ${name}; the deletion goes on by itself`,
      );
    }
    print(`coreoscluster.nestlet.dev/${name} deleted\n`);
  });
}
