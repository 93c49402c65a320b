import { ClusterCondition } from "../../api/conditions.ts";
import { launcherPodName } from "../../api/names.ts";
import {
  coreOSClusters,
  type ClusterStatus,
  type CoreOSCluster,
  type VirtualMachine,
  type VirtualMachineInstance,
} from "../../api/resources.ts";
import type { ClusterFacts, Member } from "../../guest-config/member.ts";
import { Applier } from "../../kube/applier.ts";
import type { Client } from "../../kube/client.ts";
import type { Clock } from "../../kube/clock.ts";
import type { Outcome, Reconciler } from "../../kube/controller.ts";
import type { EventRecorder } from "../../kube/events.ts";
import type { Logger } from "../../kube/log.ts";
import { mergePatchBetween } from "../../kube/merge-patch.ts";
import {
  configMaps,
  endpointSlices,
  persistentVolumeClaims,
  secrets,
  services,
  type Pod,
} from "../../kube/object.ts";
import { ownedIn } from "../../kube/ownership.ts";
import type { Store } from "../../kube/store.ts";
import { MemberActions, type Ground } from "./actions.ts";
import { AuthorityKeeper, type Authority } from "./authority.ts";
import { sourceOf, type CatalogMap, type Source } from "./catalog.ts";
import { launcherLog } from "../launcher-log.ts";
import { Consoles } from "./consoles.ts";
import { externalAddress, type Address, type Endpoint } from "./endpoint.ts";
import { eventsOf } from "./events.ts";
import { Guests, GuestSilentError, type Guest, type GuestState } from "./guest.ts";
import { readInputs } from "./inputs.ts";
import { Manifests, type ApplyObject, type ManifestsVerdict } from "./manifests.ts";
import { networkObstacle, type HostAddress } from "./network.ts";
import { namesOf, rootClaimNameOf } from "./names.ts";
import { ObstacleError, obstacleOf, type Obstacle } from "./obstacle.ts";
import type { MemberView } from "./member-view.ts";
import { bootstrapping, membersOf, stepsOf, type Step } from "./plan.ts";
import { rootLossOf } from "./roots.ts";
import { apiEndpoints, apiService, membersService } from "./services.ts";
import { statusOf } from "./status.ts";

export interface ClusterReconcilerOptions {
  client: Client;
  clusters: Store<CoreOSCluster>;
  machines: Store<VirtualMachine>;
  instances: Store<VirtualMachineInstance>;
  pods: Store<Pod>;
  events: EventRecorder;
  clock: Clock;
  /** Addresses of the host cluster that guests have to reach. */
  hostAddresses: () => Promise<HostAddress[]>;
  catalog: () => Promise<CatalogMap>;
  memberIgnition: (cluster: ClusterFacts, member: Member) => string;
}

/** What no watch tells of is looked at again: what applies to the host's API, and the guest's state. */
const again = {
  appliedMs: 60_000,
  authorityMs: 60_000,
  startingMs: 3_000,
  readyMs: 15_000,
  obstacleMs: 15_000,
};

/** Brings a cluster's members, endpoint and Secrets to what its spec asks for, and its status to what is. */
export class ClusterReconciler implements Reconciler {
  readonly #options: ClusterReconcilerOptions;
  readonly #machinesOf: (cluster: CoreOSCluster) => VirtualMachine[];
  readonly #applier: Applier;
  readonly #keeper: AuthorityKeeper;
  readonly #guests = new Guests();
  readonly #consoles: Consoles;
  readonly #manifests: Manifests;
  readonly #actions: MemberActions;
  readonly #authorities = new Map<string, Kept>();
  /** What the last steps ended with. */
  readonly #obstacles = new Map<string, Obstacle>();

  constructor(options: ClusterReconcilerOptions) {
    this.#options = options;
    this.#machinesOf = ownedIn(options.machines);
    this.#applier = new Applier(options.client, options.clock, again.appliedMs);
    this.#keeper = new AuthorityKeeper(options.client);
    this.#consoles = new Consoles(launcherLog(options.client), options.clock);
    const { client, clock } = options;
    this.#manifests = new Manifests(async (...name) => client.find(configMaps, ...name), clock);
    this.#actions = new MemberActions(options);
  }

  async reconcile(key: string, log: Logger): Promise<Outcome> {
    const cluster = this.#options.clusters.get(key);
    if (cluster === undefined) {
      this.#forget(key);
      return undefined;
    }
    // All that the cluster is made of has it as its owner, and goes with it.
    if (cluster.metadata.deletionTimestamp !== undefined) return undefined;
    if (cluster.spec.paused === true) return this.#pause(cluster);
    const look = await this.#look(key, cluster);
    await this.#publish(key, cluster, look.guest);
    const manifests = this.#manifests.look(key, cluster, applierOf(look.guest));
    const found = manifests === undefined ? look : { ...look, manifests };
    const stored = await this.#write(cluster, this.#statusOf(cluster, found));
    return this.#act(key, stored, found, log);
  }

  #forget(key: string): void {
    this.#guests.forget(key);
    this.#consoles.forget(key);
    this.#manifests.forget(key);
    this.#applier.forget(key);
    this.#authorities.delete(key);
    this.#obstacles.delete(key);
  }

  async #pause(cluster: CoreOSCluster): Promise<Outcome> {
    await this.#write(cluster, { ...cluster.status, nextStep: "none: spec.paused is true" });
    return undefined;
  }

  /** What is there, and what stands in the way of more. */
  async #look(key: string, cluster: CoreOSCluster): Promise<Look> {
    const nowMs = this.#options.clock.now();
    const machines = this.#machinesOf(cluster);
    const nothing: Asked = { state: { answers: false, message: "it has no address yet" } };
    const before = await this.#withRoots(cluster, this.#membersOf(cluster, machines, nothing.state));
    let endpoint: Endpoint | undefined;
    try {
      const founding = machines.length === 0 && cluster.status?.initialized !== true;
      if (founding) await this.#assertNetwork(cluster);
      const source = await this.#source(cluster, founding);
      endpoint = await this.#serve(key, cluster, before);
      const authority = await this.#authority(key, cluster, founding, endpoint.external);
      const guest = await this.#ask(key, before, authority);
      const initialized = guest.state.answers || cluster.status?.initialized === true;
      const joined = withRootsOf(before, this.#membersOf(cluster, machines, guest.state));
      const members = this.#listen(key, joined, initialized);
      const obstacle = this.#obstacles.get(key);
      return {
        nowMs,
        members,
        guest,
        authority,
        endpoint,
        source,
        ...(obstacle === undefined ? {} : { obstacle }),
      };
    } catch (error) {
      const obstacle = obstacleOf(error);
      if (obstacle === undefined) throw error;
      const known = endpoint === undefined ? {} : { endpoint };
      return { nowMs, members: before, guest: nothing, obstacle, ...known };
    }
  }

  #membersOf(
    cluster: CoreOSCluster,
    machines: readonly VirtualMachine[],
    { nodes }: GuestState,
  ): MemberView[] {
    const { namespace } = cluster.metadata;
    return membersOf(cluster, machines, (name) => this.#options.instances.get(`${namespace}/${name}`), nodes);
  }

  /** With what has become of the root of a master that should have one and does not run. */
  async #withRoots(cluster: CoreOSCluster, members: MemberView[]): Promise<MemberView[]> {
    const master = members.find(({ role }) => role === "Master");
    const isAway = master?.keepsRoot === true && master.instance?.status?.phase !== "Running";
    if (!isAway || cluster.status?.initialized !== true) return members;
    const name = rootClaimNameOf(master);
    const claim = await this.#options.client.find(persistentVolumeClaims, cluster.metadata.namespace, name);
    const rootLoss = rootLossOf(name, claim);
    if (rootLoss === undefined) return members;
    return members.map((member) => (member === master ? { ...member, rootLoss } : member));
  }

  /** With what is known from the consoles of the members that kubeadm is still at work on. */
  #listen(key: string, members: readonly MemberView[], initialized: boolean): MemberView[] {
    const reports = this.#consoles.reports(key, bootstrapping(members, initialized));
    return members.map((member) => {
      const bootstrap = reports.get(member.instance?.metadata.uid ?? "");
      return bootstrap === undefined ? member : { ...member, bootstrap };
    });
  }

  /** What members are made from; once there are some, what those were made from. */
  async #source({ spec, status }: CoreOSCluster, founding: boolean): Promise<Source> {
    const stored = founding ? undefined : status?.source;
    return stored ?? sourceOf(spec, await this.#options.catalog());
  }

  async #assertNetwork(cluster: CoreOSCluster): Promise<void> {
    const obstacle = networkObstacle(cluster.spec.network ?? {}, await this.#options.hostAddresses());
    if (obstacle !== undefined) throw new ObstacleError(obstacle.reason, obstacle.message);
  }

  /** The names that members and users find the cluster under. */
  async #serve(key: string, cluster: CoreOSCluster, members: readonly MemberView[]): Promise<Endpoint> {
    const [endpoint] = await Promise.all([
      this.#expose(key, cluster, members),
      this.#applier.apply(key, services, membersService(cluster)),
    ]);
    return endpoint;
  }

  /** A Service that the host cluster does not take keeps nothing else from going on. */
  async #expose(key: string, cluster: CoreOSCluster, members: readonly MemberView[]): Promise<Endpoint> {
    const service = apiService(cluster);
    try {
      await this.#applier.apply(key, services, service);
    } catch (error) {
      const refusal = obstacleOf(error)?.message;
      if (refusal === undefined) throw error;
      return { refusal, ...(await this.#externalOf(cluster, members)) };
    }
    return service.spec.type === "ClusterIP" ? {} : this.#externalOf(cluster, members);
  }

  async #externalOf(cluster: CoreOSCluster, members: readonly MemberView[]): Promise<{ external?: Address }> {
    const { namespace } = cluster.metadata;
    const stored = await this.#options.client.find(services, namespace, namesOf(cluster).apiService);
    if (stored === undefined) return {};
    const external = externalAddress(
      stored,
      this.#nodeOf(cluster, members),
      cluster.status?.endpoint?.external,
    );
    return external === undefined ? {} : { external };
  }

  /** Address of the master's node; undefined while it has none. */
  #nodeOf({ metadata: { namespace } }: CoreOSCluster, members: readonly MemberView[]): string | undefined {
    const master = members.find(({ role }) => role === "Master")?.instance;
    if (master === undefined) return undefined;
    return this.#options.pods.get(`${namespace}/${launcherPodName(master.metadata)}`)?.status?.hostIP;
  }

  async #authority(
    key: string,
    cluster: CoreOSCluster,
    founding: boolean,
    external: Address | undefined,
  ): Promise<Authority> {
    const { uid } = cluster.metadata;
    const nowMs = this.#options.clock.now();
    const known = this.#authorities.get(key);
    const isFresh = known?.uid === uid && nowMs - known.readMs < again.authorityMs;
    const outside = external === undefined ? "" : `${external.host} ${String(external.port)}`;
    if (isFresh && known.outside === outside) return known.authority;
    const authority = isFresh ? known.authority : await this.#keeper.authority(cluster, founding, nowMs);
    await this.#keeper.keepKubeconfig(cluster, authority.ca, external, nowMs);
    this.#authorities.set(key, { uid, authority, readMs: nowMs, outside });
    return authority;
  }

  async #ask(key: string, members: readonly MemberView[], { ca }: Authority): Promise<Asked> {
    const address = addressOf(members);
    if (address === undefined) return { state: { answers: false, message: "the master has no address yet" } };
    const nowMs = this.#options.clock.now();
    const guest = await this.#guests.at(key, address, ca, nowMs);
    return { guest, address, state: await guest.look(nowMs) };
  }

  /** The endpoint leads to the API server while it answers; once it does, tokens come from it. */
  async #publish(key: string, cluster: CoreOSCluster, { state, address }: Asked): Promise<void> {
    const addresses = state.answers && address !== undefined ? [address] : [];
    await this.#applier.apply(key, endpointSlices, apiEndpoints(cluster, addresses));
    if (state.answers && cluster.status?.initialized !== true) await this.#keeper.dropFirstToken(cluster);
  }

  #statusOf(cluster: CoreOSCluster, { guest, ...found }: Look): ClusterStatus {
    return statusOf(cluster, { ...found, guest: guest.state });
  }

  async #act(key: string, cluster: CoreOSCluster, look: Look, log: Logger): Promise<Outcome> {
    const { authority, guest, members, nowMs } = look;
    if (authority === undefined) return { requeueAfterMs: again.obstacleMs };
    const initializedMs = initializedSince(cluster, nowMs);
    const standing = { guest: guest.state, nowMs, ...(initializedMs === undefined ? {} : { initializedMs }) };
    const steps = stepsOf(cluster, members, standing);
    try {
      await this.#take(steps, { cluster, authority, guest: guest.guest, state: guest.state, members }, log);
    } catch (error) {
      if (error instanceof GuestSilentError) {
        log.info("the guest's control plane did not answer", { error: error.message });
        return { requeueAfterMs: again.startingMs };
      }
      const obstacle = obstacleOf(error);
      if (obstacle === undefined) throw error;
      this.#obstacles.set(key, obstacle);
      await this.#write(cluster, this.#statusOf(cluster, { ...look, obstacle }));
      return { requeueAfterMs: again.obstacleMs };
    }
    if (this.#obstacles.delete(key)) return { requeueAfterMs: 1 };
    return { requeueAfterMs: isReady(cluster) && steps.length === 0 ? again.readyMs : again.startingMs };
  }

  async #take(
    steps: readonly Step[],
    ground: Omit<Ground, "inputs" | "initialized">,
    log: Logger,
  ): Promise<void> {
    const { client } = this.#options;
    const { metadata, spec, status } = ground.cluster;
    // They are only for guests that have not booted.
    const needsInputs = steps.some((step) => step.do === "create" || step.do === "refresh");
    const inputs = needsInputs
      ? await readInputs(spec, async (name) => client.find(secrets, metadata.namespace, name))
      : { sshAuthorizedKeys: [], snippets: [] };
    const whole: Ground = { ...ground, inputs, initialized: status?.initialized === true };
    const results = await Promise.allSettled(
      steps.map(async (step) => this.#actions.take(step, whole, log.child({ step: step.do }))),
    );
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }

  async #write(cluster: CoreOSCluster, status: ClusterStatus): Promise<CoreOSCluster> {
    const { client, clusters, events } = this.#options;
    const changes = mergePatchBetween(cluster.status ?? {}, status);
    if (changes === undefined) return cluster;
    const { resourceVersion } = cluster.metadata;
    const patch = { metadata: { resourceVersion }, status: changes };
    const stored = await client.mergePatch(coreOSClusters, cluster.metadata, patch, "status");
    clusters.observe(stored);
    for (const text of eventsOf(cluster.status, status)) events.record(cluster, text);
    return stored;
  }
}

/** Authorities as they were read. */
interface Kept {
  uid: string;
  authority: Authority;
  readMs: number;
  /** The address outside that the kubeconfig was written for. */
  outside: string;
}

interface Asked {
  guest?: Guest;
  address?: string;
  state: GuestState;
}

interface Look {
  nowMs: number;
  members: MemberView[];
  guest: Asked;
  /** Absent while nothing is known of it. */
  endpoint?: Endpoint;
  /** Absent while it cannot be read. */
  authority?: Authority;
  source?: Source;
  obstacle?: Obstacle;
  manifests?: ManifestsVerdict;
}

/** The members with what another look has found of their roots. */
function withRootsOf(before: readonly MemberView[], members: readonly MemberView[]): MemberView[] {
  return members.map((member) => {
    const rootLoss = before.find(({ name }) => name === member.name)?.rootLoss;
    return rootLoss === undefined ? member : { ...member, rootLoss };
  });
}

/** How objects are applied to a guest whose control plane answers. */
function applierOf({ guest, state }: Asked): (() => ApplyObject) | undefined {
  if (guest === undefined || !state.answers) return undefined;
  return () => {
    const objects = guest.objects();
    return async (object) => objects.apply(object);
  };
}

/** Where the master's guest is, while it runs. */
function addressOf(members: readonly MemberView[]): string | undefined {
  const master = members.find(({ role }) => role === "Master");
  if (master?.instance?.status?.phase !== "Running") return undefined;
  return master.instance.status.interfaces?.[0]?.ipAddress;
}

function initializedSince({ status = {} }: CoreOSCluster, nowMs: number): number | undefined {
  if (status.initialized !== true) return undefined;
  const condition = status.conditions?.find(({ type }) => type === ClusterCondition.ControlPlaneInitialized);
  return condition === undefined ? nowMs : Date.parse(condition.lastTransitionTime);
}

function isReady({ status = {} }: CoreOSCluster): boolean {
  return (
    status.conditions?.some(
      ({ type, status: value }) => type === ClusterCondition.Ready && value === "True",
    ) ?? false
  );
}
