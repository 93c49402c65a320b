import assert from "node:assert/strict";
import type {
  ClusterSpec,
  ClusterStatus,
  CoreOSCluster,
  InstanceStatus,
  VirtualMachine,
} from "../../api/resources.ts";
import { eventsOf } from "./events.ts";
import type { SeenReport } from "./consoles.ts";
import type { GuestNode, GuestState } from "./guest.ts";
import { membersOf } from "./plan.ts";
import { statusOf, type Found } from "./status.ts";

const now = Date.parse("2030-01-01T12:00:00Z");
const meta = { namespace: "a", uid: "u", resourceVersion: "1", creationTimestamp: "2030-01-01T10:00:00Z" };
const version = { apiVersion: "nestlet.dev/v1alpha1" } as const;

const running: InstanceStatus = {
  phase: "Running",
  phaseTransitionTimestamps: [{ phase: "Running", phaseTransitionTimestamp: "2030-01-01T11:59:00Z" }],
  conditions: [
    {
      type: "Ready",
      status: "True",
      reason: "GuestRunning",
      message: "",
      lastTransitionTime: meta.creationTimestamp,
    },
  ],
};

const failing = {
  outcome: "failed",
  words: "error: no space left",
  tokenRefused: false,
  sinceMs: 0,
} as const;

const silent: GuestState = { answers: false, message: "no route to host" };

function answering(...nodes: [string, boolean][]): GuestState {
  const list = nodes.map(([name, ready]): GuestNode => ({
    name,
    ready,
    sinceMs: 0,
    message: ready ? "" : "CNI is missing",
  }));
  return { answers: true, message: "", version: "v1.36.3", nodes: list };
}

interface Given {
  /** By member. */
  bootstrap?: Record<string, SeenReport>;
  spec?: Partial<CoreOSCluster["spec"]>;
  guest?: GuestState;
  before?: ClusterStatus;
  instances?: Record<string, InstanceStatus>;
  printable?: "Running" | "Stopped";
  workers?: number;
  pools?: ClusterSpec["pools"];
  obstacle?: Found["obstacle"];
  /** The master's root is on a claim. */
  kept?: boolean;
  rootLoss?: string;
}

function status({
  guest = silent,
  before,
  instances,
  printable = "Running",
  workers = 1,
  pools = [],
  obstacle,
  bootstrap = {},
  spec = {},
  kept = false,
  rootLoss,
}: Given): ClusterStatus {
  const overlay = { claimName: "lab-master-0-root" };
  const volumes = kept ? [{ name: "root", registryDisk: { image: "i", overlay } }] : [];
  const cluster: CoreOSCluster = {
    ...version,
    kind: "CoreOSCluster",
    metadata: { ...meta, name: "lab", generation: 3 },
    spec: { workers: { replicas: workers }, pools, ...spec },
    ...(before === undefined ? {} : { status: before }),
  };
  const given = instances ?? { "lab-master-0": running, "lab-node-0": running };
  const machines = Object.keys(given).map((name): VirtualMachine => ({
    ...version,
    kind: "VirtualMachine",
    metadata: { ...meta, name },
    spec: { template: { spec: { domain: {}, volumes } } },
    status: { printableStatus: name === "lab-master-0" ? printable : "Running" },
  }));
  const members = membersOf(
    cluster,
    machines,
    (name) => ({
      ...version,
      kind: "VirtualMachineInstance",
      metadata: { ...meta, name },
      spec: { domain: {} },
      status: given[name] ?? {},
    }),
    guest.nodes,
  ).map((member) => {
    const report = bootstrap[member.name];
    return {
      ...member,
      ...(report === undefined ? {} : { bootstrap: report }),
      ...(rootLoss === undefined ? {} : { rootLoss }),
    };
  });
  return statusOf(cluster, { members, guest, nowMs: now, ...(obstacle === undefined ? {} : { obstacle }) });
}

/** `type status reason: message`, of one condition. */
function says(of: ClusterStatus, type: string): string {
  const found = of.conditions?.find((condition) => condition.type === type);
  return `${found?.status ?? ""} ${found?.reason ?? ""}: ${found?.message ?? ""}`;
}

const healthy = answering(["lab-master-0", true], ["lab-node-0", true]);

describe("the status of a cluster", () => {
  it("that is Ready", () => {
    const ready = status({ guest: healthy });
    assert.equal(says(ready, "Ready"), "True ClusterReady: ");
    assert.equal(ready.initialized, true);
    assert.equal(ready.version, "v1.36.3");
    assert.deepEqual(ready.workers, { replicas: 1, readyReplicas: 1 });
    assert.deepEqual(ready.endpoint, { host: "lab-api.a.svc", port: 6443 });
    assert.equal(ready.nextStep, "none: the cluster is ready");
    assert.equal(ready.observedGeneration, 3);
  });

  it("whose control plane is being set up", () => {
    const starting = status({});
    assert.match(says(starting, "ControlPlaneInitialized"), /^False Initializing: kubeadm is setting up/);
    assert.equal(starting.nextStep, "waiting for the control plane to answer");
  });

  it("whose control plane takes too long", () => {
    const since = [{ phase: "Running" as const, phaseTransitionTimestamp: "2030-01-01T11:00:00Z" }];
    const late = { ...running, phaseTransitionTimestamps: since };
    const told = says(status({ instances: { "lab-master-0": late } }), "ControlPlaneInitialized");
    assert.match(told, /^False InitializationTimedOut: .* 1800 seconds .* Last answer: no route to host$/);
  });

  it("whose kubeadm fails, in its words", () => {
    const given = { bootstrap: { "lab-master-0": failing } };
    const failed = status(given);
    const words = "kubeadm fails on lab-master-0 and is tried again: error: no space left";
    assert.equal(says(failed, "ControlPlaneInitialized"), `False BootstrapFailed: ${words}`);
    assert.equal(failed.nextStep, words);
    const worker = status({
      guest: answering(["lab-master-0", true]),
      bootstrap: { "lab-node-0": failing },
    });
    const told = "kubeadm fails on lab-node-0 and is tried again: error: no space left";
    assert.equal(says(worker, "WorkersReady"), `False BootstrapFailed: ${told}`);
    assert.equal(worker.nextStep, `waiting: ${told}`);
    const joined = status({ guest: healthy, bootstrap: { "lab-node-0": { outcome: "ready", sinceMs: 0 } } });
    assert.equal(says(joined, "Ready"), "True ClusterReady: ");
  });

  it("with a worker whose token has expired", () => {
    const bootstrap = { "lab-node-0": { ...failing, words: "Unauthorized", tokenRefused: true } };
    const guest = answering(["lab-master-0", true]);
    assert.equal(
      says(status({ guest, bootstrap }), "WorkersReady"),
      "False BootstrapFailed: the bootstrap token of lab-node-0 has expired or is gone; a machine with a new token " +
        "will take its place: Unauthorized",
    );
    const alone = status({ guest, bootstrap, spec: { health: { maxReplacements: 0 } } });
    assert.match(
      says(alone, "WorkersReady"),
      /maxReplacements is 0: delete VirtualMachine lab-node-0 to have/,
    );
  });

  it("with a Node that is not Ready, or has not joined", () => {
    const sick = status({ guest: answering(["lab-master-0", true], ["lab-node-0", false]) });
    assert.equal(says(sick, "WorkersReady"), "False WorkersNotReady: lab-node-0: CNI is missing");
    assert.deepEqual(sick.workers, { replicas: 1, readyReplicas: 0 });
    const alone = status({ guest: answering(["lab-master-0", true]) });
    assert.equal(says(alone, "WorkersReady"), "False WorkersStarting: lab-node-0 has not joined yet");
  });

  it("with a member that cannot start, in its instance's words", () => {
    const failing = { phase: "Scheduling" as const, reason: "ErrImagePull", message: "no such image" };
    const told = says(status({ instances: { "lab-master-0": failing } }), "InfrastructureReady");
    assert.equal(told, "False MemberFailed: lab-master-0: ErrImagePull: no such image");
  });

  it("that an obstacle stands in the way of", () => {
    const obstacle = { reason: "SecretNotFound" as const, message: "Secret keys does not exist" };
    const waiting = status({ instances: {}, obstacle });
    assert.equal(says(waiting, "Ready"), "False SecretNotFound: Secret keys does not exist");
    assert.equal(waiting.nextStep, "waiting: Secret keys does not exist");
  });

  it("whose control plane has fallen silent: nothing is known of its workers", () => {
    const lost = status({ before: { initialized: true, version: "v1.36.3" } });
    assert.equal(says(lost, "ControlPlaneReady"), "False ControlPlaneSilent: no route to host");
    assert.match(says(lost, "WorkersReady"), /^Unknown ControlPlaneSilent/);
    assert.equal(lost.version, "v1.36.3");
  });

  it("whose only master is lost says so first, and what to do", () => {
    const lost = status({ before: { initialized: true }, printable: "Stopped" });
    assert.match(says(lost, "Ready"), /^False MasterLost: .* cannot be brought back: delete the cluster/);
    assert.equal(lost.nextStep, "none: delete the cluster and apply it again");
  });

  it("with workers that are on their way out stays Ready", () => {
    const smaller = status({ guest: healthy, workers: 0 });
    assert.equal(says(smaller, "Ready"), "True ClusterReady: ");
    assert.equal(smaller.nextStep, "draining and removing lab-node-0");
  });
});

describe("the status of a cluster whose master keeps its root", () => {
  const stood = (status: "True" | "False", reason: string, since: string): ClusterStatus => ({
    initialized: true,
    conditions: [{ type: "ControlPlaneReady", status, reason, message: "", lastTransitionTime: since }],
  });
  const answered = stood("True", "ControlPlaneAnswers", "2030-01-01T11:00:00Z");
  const away: InstanceStatus = { phase: "Scheduling" };
  const instances = { "lab-master-0": away, "lab-node-0": running };

  it("says that it restarts, rather than that it is lost", () => {
    const told = status({ kept: true, before: answered, instances });
    const words = "lab-master-0 starts again with the root disk that it had";
    assert.equal(says(told, "Ready"), `False ControlPlaneRestarting: ${words}`);
    assert.equal(says(told, "ControlPlaneReady"), `False ControlPlaneRestarting: ${words}`);
    assert.match(says(told, "WorkersReady"), /^Unknown ControlPlaneSilent/);
    assert.equal(says(told, "ControlPlaneInitialized"), "True Initialized: ");
    assert.equal(told.nextStep, "starting lab-master-0");
  });

  it("says what keeps it from starting", () => {
    const refused = { phase: "Failed" as const, reason: "StartFailed", message: "another image" };
    const told = status({
      kept: true,
      before: answered,
      instances: { ...instances, "lab-master-0": refused },
    });
    assert.match(
      says(told, "Ready"),
      /^False ControlPlaneRestarting: .*: lab-master-0: StartFailed: another image$/,
    );
  });

  for (const [title, before, reason] of [
    [
      "has been seen going",
      stood("False", "ControlPlaneRestarting", "2030-01-01T11:58:00Z"),
      "ControlPlaneRestarting",
    ],
    ["went while nobody looked", answered, "ControlPlaneRestarting"],
    [
      "answered since its start",
      stood("True", "ControlPlaneAnswers", "2030-01-01T11:59:30Z"),
      "ControlPlaneSilent",
    ],
    ["was silent before", stood("False", "ControlPlaneSilent", "2030-01-01T11:00:00Z"), "ControlPlaneSilent"],
  ] as [string, ClusterStatus, string][]) {
    it(`that runs again and ${title}: ${reason}`, () => {
      const told = says(status({ kept: true, before }), "Ready");
      assert.match(told, new RegExp(`^False ${reason}: .*no route to host$`));
    });
  }

  it("does not say for ever that it restarts", () => {
    const before = stood("False", "ControlPlaneRestarting", "2030-01-01T11:58:00Z");
    const spec = { timeouts: { controlPlaneSeconds: 30 } };
    assert.match(says(status({ kept: true, before, spec }), "Ready"), /^False ControlPlaneSilent/);
  });

  it("says that somebody has stopped it, and how it goes on", () => {
    const told = status({
      kept: true,
      before: answered,
      printable: "Stopped",
      instances: { "lab-master-0": {}, "lab-node-0": running },
    });
    assert.match(
      says(told, "Ready"),
      /^False ControlPlaneStopped: .* set its runStrategy to Always to start it$/,
    );
    assert.match(told.nextStep ?? "", /^waiting: /);
  });

  it("says that it is lost when its root is", () => {
    const told = status({ kept: true, before: answered, instances, rootLoss: "the claim is being deleted" });
    assert.match(
      says(told, "Ready"),
      /^False MasterLost: .* root disk: the claim is being deleted; restore it from a copy, or delete the cluster/,
    );
    assert.match(told.nextStep ?? "", /^none: restore the master's claim, or delete the cluster/);
  });

  it("warns of it in an Event", () => {
    const told = status({ kept: true, before: answered, instances });
    const reasons = eventsOf(answered, told).map(({ type, reason }) => `${type} ${reason}`);
    assert.ok(reasons.includes("Warning ControlPlaneRestarting"), reasons.join());
  });
});

describe("the status of a cluster's pools", () => {
  const pools = [{ name: "fast", replicas: 2 }];
  const instances = { "lab-master-0": running, "lab-fast-0": running, "lab-fast-1": running };
  const joined = answering(["lab-master-0", true], ["lab-fast-0", true], ["lab-fast-1", false]);

  it("counts a pool apart from the default workers, and makes WorkersReady depend on it", () => {
    const found = status({ guest: joined, workers: 0, pools, instances });
    assert.deepEqual(found.workers, { replicas: 0, readyReplicas: 0 });
    assert.deepEqual(found.pools, [{ name: "fast", replicas: 2, readyReplicas: 1, lanNumbers: [250, 249] }]);
    assert.equal(says(found, "WorkersReady"), "False WorkersNotReady: lab-fast-1: CNI is missing");
    assert.equal(found.selector, "nestlet.dev/cluster=lab,nestlet.dev/role=worker,!nestlet.dev/pool");
  });

  it("keeps the numbers of a pool's former members, unless somebody else has them", () => {
    const before = { pools: [{ name: "fast", lanNumbers: [250, 249, 248] }, { name: "big" }] };
    const smaller = [{ name: "fast", replicas: 1 }];
    const found = status({ workers: 0, pools: smaller, before, instances: { "lab-master-0": running } });
    assert.deepEqual(found.pools?.[0]?.lanNumbers, [250, 249, 248]);
    assert.equal(found.pools.length, 1);
    const all = [
      { name: "fast", replicas: 1 },
      { name: "big", replicas: 200 },
    ];
    const crowded = status({ workers: 48, pools: all, before, instances: {} });
    assert.deepEqual(crowded.pools?.[0]?.lanNumbers, [250, 0, 0]);
  });

  it("shows a pool that was taken out until nothing of it is left", () => {
    const before = { initialized: true, pools: [{ name: "fast", lanNumbers: [250, 249] }] };
    const going = status({ guest: joined, workers: 0, before, instances });
    assert.deepEqual(
      going.pools?.map(({ name, replicas }) => [name, replicas]),
      [["fast", 2]],
    );
    assert.equal(going.nextStep, "draining and removing lab-fast-0, lab-fast-1");
    const master = { "lab-master-0": running };
    const nodes = status({ guest: joined, workers: 0, before, instances: master });
    assert.deepEqual(
      nodes.pools?.map(({ name, replicas }) => [name, replicas]),
      [["fast", 0]],
    );
    const silence = status({ workers: 0, before, instances: master });
    assert.equal(silence.pools?.length, 1, "its Nodes may still be there");
    const gone = status({ guest: answering(["lab-master-0", true]), workers: 0, before, instances: master });
    assert.equal(gone.pools, undefined);
  });
});

describe("the Events of a cluster", () => {
  it("tell of transitions, once", () => {
    const [starting, ready] = [status({}), status({ guest: healthy })];
    const reasons = eventsOf(starting, ready).map(({ type, reason }) => `${type} ${reason}`);
    assert.deepEqual(reasons, ["Normal ClusterReady", "Normal Initialized", "Normal ControlPlaneAnswers"]);
    assert.deepEqual(eventsOf(ready, ready), []);
    assert.deepEqual(
      eventsOf({}, starting).map(({ reason }) => reason),
      ["MembersRunning"],
    );
  });

  it("tell of a bootstrap that fails, once for each new failure", () => {
    const before = status({});
    const failed = status({ bootstrap: { "lab-master-0": failing } });
    const [event, ...others] = eventsOf(before, failed);
    assert.deepEqual(others, []);
    assert.deepEqual(
      [event?.type, event?.reason, event?.action],
      ["Warning", "BootstrapFailed", "Bootstrap"],
    );
    assert.match(event?.note ?? "", /^kubeadm fails on lab-master-0 .*no space left$/);
    assert.deepEqual(eventsOf(failed, failed), []);
    const again = status({ bootstrap: { "lab-master-0": { ...failing, words: "error: other" } } });
    assert.equal(eventsOf(failed, again).length, 1);
    assert.deepEqual(eventsOf(failed, before), []);
  });

  it("warn of trouble with the part that it is about", () => {
    const before = status({ guest: healthy });
    const after = status({ before });
    assert.deepEqual(
      eventsOf(before, after).map(({ type, reason }) => `${type} ${reason}`),
      ["Warning ControlPlaneSilent"],
    );
  });
});
