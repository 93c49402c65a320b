import { createHash } from "node:crypto";
import { ClusterReason } from "../../api/conditions.ts";
import type { ClusterSpec, CoreOSCluster } from "../../api/resources.ts";
import { UnreachableError } from "../../kube/api-error.ts";
import { Backoff } from "../../kube/backoff.ts";
import type { Clock } from "../../kube/clock.ts";
import type { ConditionState } from "../../kube/conditions.ts";
import type { ConfigMap } from "../../kube/object.ts";
import { manifestDocuments, ManifestError, type ManifestObject } from "./manifest-documents.ts";

export type ManifestsVerdict = Omit<ConditionState, "type">;

/** Finds a ConfigMap in the host cluster. */
export type FindConfigMap = (namespace: string, name: string) => Promise<ConfigMap | undefined>;

/** Applies one object to the guest; a new one is asked for with each round. */
export type ApplyObject = (object: ManifestObject) => Promise<void>;

/** The ConfigMaps are looked at again this often. */
const intervalMs = 15_000;
const retryMs = { first: 5_000, longest: 300_000 };

interface Round {
  dueMs: number;
  running: boolean;
  verdict?: ManifestsVerdict;
  /** What was applied last without a fault, or tried in vain, and when that may be tried again. */
  applied?: string;
  tried?: string;
  backoff: Backoff;
  retryMs: number;
}

function newRound(): Round {
  return { dueMs: 0, running: false, backoff: new Backoff(retryMs.first, retryMs.longest), retryMs: 0 };
}

/** One manifest: a key of a ConfigMap. */
export interface Manifest {
  /** `ConfigMap extras, key web.yaml` */
  name: string;
  text: string;
}

/**
 * Applies the manifests of clusters to their guests, in the background. What has been applied is applied again only
 * when a ConfigMap has changed; what is refused, with growing pauses.
 */
export class Manifests {
  readonly #find: FindConfigMap;
  readonly #clock: Clock;
  readonly #rounds = new Map<string, Round>();

  constructor(find: FindConfigMap, clock: Clock) {
    this.#find = find;
    this.#clock = clock;
  }

  /**
   * What has come of the manifests so far; undefined where there are none, or nothing is known yet.
   * @param applier for the guest, while its control plane answers
   */
  look(
    key: string,
    cluster: CoreOSCluster,
    applier: (() => ApplyObject) | undefined,
  ): ManifestsVerdict | undefined {
    if ((cluster.spec.manifests ?? []).length === 0) {
      this.forget(key);
      return undefined;
    }
    const round = this.#rounds.get(key) ?? newRound();
    this.#rounds.set(key, round);
    if (applier === undefined) return round.verdict ?? waiting(cluster);
    if (!round.running && this.#clock.now() >= round.dueMs) {
      round.running = true;
      void this.#run(round, cluster, applier).finally(() => {
        round.running = false;
        round.dueMs = this.#clock.now() + intervalMs;
      });
    }
    return round.verdict;
  }

  forget(key: string): void {
    this.#rounds.delete(key);
  }

  async #run(round: Round, cluster: CoreOSCluster, applier: () => ApplyObject): Promise<void> {
    try {
      const { namespace } = cluster.metadata;
      const read = await readManifests(cluster.spec, async (name) => this.#find(namespace, name));
      const wanted = hashOf(read);
      if (wanted === round.applied) return;
      if (wanted === round.tried && this.#clock.now() < round.retryMs) return;
      if (wanted !== round.tried) round.backoff.reset();
      round.verdict = await applyManifests(read, applier());
      if (round.verdict.status === "True") round.applied = wanted;
      else delete round.applied;
      round.tried = wanted;
      round.retryMs = this.#clock.now() + round.backoff.next();
    } catch (error) {
      // Neither the host's nor the guest's silence says anything of the manifests: the next look tries again.
      if (round.verdict === undefined) round.verdict = no(ClusterReason.ApplyingManifests, String(error));
    }
  }
}

function waiting({ status }: CoreOSCluster): ManifestsVerdict | undefined {
  return status?.initialized === true
    ? undefined
    : no(ClusterReason.ApplyingManifests, "they are applied when the control plane answers");
}

/** The manifests that were found, and what is missing, in words. */
export interface ReadManifests {
  manifests: Manifest[];
  missing: string[];
}

export async function readManifests(
  { manifests = [] }: ClusterSpec,
  find: (name: string) => Promise<ConfigMap | undefined>,
): Promise<ReadManifests> {
  const read: ReadManifests = { manifests: [], missing: [] };
  for (const { configMapRef } of manifests) {
    const { name, key } = configMapRef;
    const data = (await find(name))?.data;
    const keys = key === undefined ? Object.keys(data ?? {}).sort() : [key];
    if (data === undefined) read.missing.push(`ConfigMap ${name} does not exist or is empty`);
    else if (key !== undefined && !(key in data)) read.missing.push(`ConfigMap ${name} has no key "${key}"`);
    else {
      for (const each of keys) {
        read.manifests.push({ name: `ConfigMap ${name}, key ${each}`, text: data[each] ?? "" });
      }
    }
  }
  return read;
}

/** Applies all that can be, in its order; the first that cannot is told. */
export async function applyManifests(
  { manifests, missing }: ReadManifests,
  apply: ApplyObject,
): Promise<ManifestsVerdict> {
  const faults: ManifestsVerdict[] = missing.map((message) => no(ClusterReason.ConfigMapNotFound, message));
  let count = 0;
  for (const manifest of manifests) {
    for (const { object, place } of documentsOf(manifest, faults)) {
      const fault = await faultOf(object, apply);
      if (fault === undefined) count++;
      else
        faults.push(
          no(ClusterReason.ManifestRefused, `${manifest.name}, ${place}, ${nameOf(object)}: ${fault}`),
        );
    }
  }
  const [first, ...others] = faults;
  if (first === undefined) {
    return { status: "True", reason: ClusterReason.ManifestsApplied, message: `${String(count)} objects` };
  }
  const more = others.length === 0 ? "" : ` (and ${String(others.length)} more)`;
  return { ...first, message: `${first.message}${more}` };
}

function documentsOf(
  { name, text }: Manifest,
  faults: ManifestsVerdict[],
): ReturnType<typeof manifestDocuments> {
  try {
    return manifestDocuments(text);
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    faults.push(no(ClusterReason.InvalidManifest, `${name}: ${error.message}`));
    return [];
  }
}

/** The API server's words against an object. */
async function faultOf(object: ManifestObject, apply: ApplyObject): Promise<string | undefined> {
  try {
    await apply(object);
    return undefined;
  } catch (error) {
    if (error instanceof UnreachableError) throw error;
    return error instanceof Error ? error.message : String(error);
  }
}

function nameOf({ kind, metadata }: ManifestObject): string {
  return `${kind} ${metadata.namespace === undefined ? "" : `${metadata.namespace}/`}${metadata.name}`;
}

function hashOf(read: ReadManifests): string {
  return createHash("sha256").update(JSON.stringify(read)).digest("hex");
}

function no(reason: string, message: string): ManifestsVerdict {
  return { status: "False", reason, message: message.slice(0, 4096) };
}
