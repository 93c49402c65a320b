import assert from "node:assert/strict";
import { DRAIN_STARTED_ANNOTATION, HEALTH_RESTART_ANNOTATION } from "../../api/metadata.ts";
import type {
  CoreOSCluster,
  InstancePhase,
  PrintableStatus,
  VirtualMachine,
  VirtualMachineInstance,
} from "../../api/resources.ts";
import type { GuestNode, GuestState } from "./guest.ts";
import { isMasterLost, membersOf, stepsOf } from "./plan.ts";

const now = Date.parse("2030-01-01T12:00:00Z");
const ago = (seconds: number): string => new Date(now - seconds * 1000).toISOString();
const meta = { namespace: "a", uid: "u", resourceVersion: "1", creationTimestamp: ago(7200) };

function cluster(workers: number, spec: Partial<CoreOSCluster["spec"]> = {}): CoreOSCluster {
  return {
    apiVersion: "nestlet.dev/v1alpha1",
    kind: "CoreOSCluster",
    metadata: { ...meta, name: "lab" },
    spec: { workers: { replicas: workers }, ...spec },
  };
}

interface Given {
  printable?: PrintableStatus;
  phase?: InstancePhase;
  /** Seconds since the guest runs. */
  running?: number;
  going?: boolean;
  draining?: boolean;
  /** Seconds since its token is refused. */
  refused?: number;
  age?: number;
  /** Its root is on a claim. */
  kept?: boolean;
  /** Seconds since it was restarted for not being Ready. */
  restarted?: number;
}

function machine(
  name: string,
  { printable = "Running", going, draining, age = 7200, kept, restarted }: Given = {},
): VirtualMachine {
  const annotations = {
    ...(draining === true ? { [DRAIN_STARTED_ANNOTATION]: ago(5) } : {}),
    ...(restarted === undefined ? {} : { [HEALTH_RESTART_ANNOTATION]: ago(restarted) }),
  };
  const overlay = { claimName: `${name}-root` };
  const volumes = kept === true ? [{ name: "root", registryDisk: { image: "i", overlay } }] : [];
  return {
    apiVersion: "nestlet.dev/v1alpha1",
    kind: "VirtualMachine",
    metadata: {
      ...meta,
      name,
      creationTimestamp: ago(age),
      ...(going === true ? { deletionTimestamp: ago(1) } : {}),
      annotations,
    },
    spec: { template: { spec: { domain: {}, volumes } } },
    status: { printableStatus: printable },
  };
}

function instance(name: string, { phase = "Running", running = 7200 }: Given = {}): VirtualMachineInstance {
  return {
    apiVersion: "nestlet.dev/v1alpha1",
    kind: "VirtualMachineInstance",
    metadata: { ...meta, name },
    spec: { domain: {} },
    status: {
      phase,
      phaseTransitionTimestamps:
        phase === "Running" ? [{ phase, phaseTransitionTimestamp: ago(running) }] : [],
    },
  };
}

function node(name: string, ready = true, since = 7000): GuestNode {
  return { name, ready, sinceMs: now - since * 1000, message: "" };
}

/** The steps for members as given, `do name`. */
function steps(
  of: CoreOSCluster,
  given: Record<string, Given>,
  {
    nodes = [],
    initialized = true,
    answers = true,
  }: { nodes?: GuestNode[]; initialized?: boolean; answers?: boolean } = {},
): string[] {
  const state: GuestState = { answers, message: "" };
  const machines = Object.entries(given).map(([name, one]) => machine(name, one));
  const members = membersOf(of, machines, (name) => instance(name, given[name]), nodes).map((member) => {
    const refused = given[member.name]?.refused;
    if (refused === undefined) return member;
    const sinceMs = now - refused * 1000;
    return { ...member, bootstrap: { outcome: "failed" as const, words: "", tokenRefused: true, sinceMs } };
  });
  const standing = { guest: state, nowMs: now, ...(initialized ? { initializedMs: now - 7_000_000 } : {}) };
  return stepsOf(of, members, standing).map((step) => `${step.do} ${step.member.name}`);
}

const up = { "lab-master-0": {}, "lab-node-0": {}, "lab-node-1": {} };
const nodes = ["lab-master-0", "lab-node-0", "lab-node-1"].map((name) => node(name));

describe("what the members of a cluster need", () => {
  it("all at once in the beginning", () => {
    assert.deepEqual(steps(cluster(2), {}, { initialized: false, answers: false }), [
      "create lab-master-0",
      "create lab-node-0",
      "create lab-node-1",
    ]);
  });

  it("nothing when all is well", () => {
    assert.deepEqual(steps(cluster(2), up, { nodes }), []);
  });

  it("a token that is still good while they have not booted", () => {
    const given = { "lab-master-0": {}, "lab-node-0": { phase: "Pending" } } as const;
    assert.deepEqual(steps(cluster(1), given, { nodes }).slice(0, 1), ["refresh lab-node-0"]);
  });

  it("another worker when there are too few, once there is a control plane to ask for a token", () => {
    assert.deepEqual(steps(cluster(3), up, { nodes }), ["create lab-node-2"]);
    assert.deepEqual(steps(cluster(3), up, { answers: false }), []);
  });

  it("removal of those with the highest numbers when there are too many", () => {
    assert.deepEqual(steps(cluster(0), up, { nodes }), ["remove lab-node-0", "remove lab-node-1"]);
    assert.deepEqual(steps(cluster(1), up, { nodes }), ["remove lab-node-1"]);
  });

  it("to go when their removal has begun, even if they are wanted again", () => {
    assert.deepEqual(steps(cluster(2), { ...up, "lab-node-1": { draining: true } }, { nodes }), [
      "remove lab-node-1",
    ]);
  });

  it("nothing more while they are being deleted", () => {
    assert.deepEqual(steps(cluster(1), { ...up, "lab-node-1": { going: true } }, { nodes }), []);
  });

  it("Nodes without a machine to be forgotten, but nobody else's", () => {
    const others = [...nodes, node("lab-node-9"), node("other-node-0"), node("lab-node-x")];
    assert.deepEqual(steps(cluster(2), up, { nodes: others }), ["forget lab-node-9"]);
  });

  it("a successor for a worker whose guest has ended, though not in a hot loop", () => {
    const ended = { ...up, "lab-node-1": { printable: "Stopped", phase: "Failed" } } as const;
    assert.deepEqual(steps(cluster(2), ended, { nodes }), ["replace lab-node-1"]);
    const young = { ...ended, "lab-node-1": { ...ended["lab-node-1"], age: 30 } };
    assert.deepEqual(steps(cluster(2), young, { nodes }), []);
  });

  it("a successor for a master that ended before it was of use", () => {
    const ended = { "lab-master-0": { printable: "Stopped", phase: "Failed" } } as const;
    assert.deepEqual(steps(cluster(0), ended, { initialized: false, answers: false }), [
      "replace lab-master-0",
    ]);
  });

  it("nothing that could be done when the only master is lost", () => {
    const given = { ...up, "lab-master-0": { printable: "Stopped" } } as const;
    assert.deepEqual(steps(cluster(3), given, { answers: false }), []);
    assert.deepEqual(steps(cluster(3), { "lab-node-0": {} }, { answers: false }), []);
  });

  it("a successor for a worker that is not Ready for long, one at a time", () => {
    const sick = [node("lab-master-0"), node("lab-node-0", false, 400), node("lab-node-1", false, 400)];
    assert.deepEqual(steps(cluster(2), up, { nodes: sick }), ["replace lab-node-0"]);
    const two = cluster(2, { health: { maxReplacements: 2 } });
    assert.deepEqual(steps(two, up, { nodes: sick }), ["replace lab-node-0", "replace lab-node-1"]);
    const none = cluster(2, { health: { maxReplacements: 0 } });
    assert.deepEqual(steps(none, up, { nodes: sick }), []);
  });

  it("patience with a worker that is not Ready for a moment, or has only just started", () => {
    const sick = [node("lab-master-0"), node("lab-node-0", false, 200), node("lab-node-1")];
    assert.deepEqual(steps(cluster(2), up, { nodes: sick }), []);
    const young = { ...up, "lab-node-0": { running: 600 } };
    const starting = [node("lab-master-0"), node("lab-node-0", false, 500), node("lab-node-1")];
    assert.deepEqual(steps(cluster(2), young, { nodes: starting }), []);
  });

  it("a successor for a worker that never joined", () => {
    const given = { ...up, "lab-node-1": { running: 1300 } };
    assert.deepEqual(steps(cluster(2), given, { nodes: nodes.slice(0, 2) }), ["replace lab-node-1"]);
    const young = { ...up, "lab-node-1": { running: 1100 } };
    assert.deepEqual(steps(cluster(2), young, { nodes: nodes.slice(0, 2) }), []);
  });

  it("a successor for a worker whose token is not taken any more, once that is certain", () => {
    const two = nodes.slice(0, 2);
    const given = { ...up, "lab-node-1": { running: 300, refused: 130 } };
    assert.deepEqual(steps(cluster(2), given, { nodes: two }), ["replace lab-node-1"]);
    const young = { ...up, "lab-node-1": { running: 300, refused: 100 } };
    assert.deepEqual(steps(cluster(2), young, { nodes: two }), []);
    const none = cluster(2, { health: { maxReplacements: 0 } });
    assert.deepEqual(steps(none, given, { nodes: two }), []);
  });

  it("no verdict on workers while the control plane is silent", () => {
    assert.deepEqual(steps(cluster(2), up, { answers: false }), []);
  });
});

describe("what the members of pools need", () => {
  const pools = cluster(0, {
    pools: [
      { name: "fast", replicas: 2 },
      { name: "none", replicas: 0 },
    ],
  });
  const running = { "lab-master-0": {}, "lab-fast-0": {}, "lab-fast-1": {} };
  const joined = Object.keys(running).map((name) => node(name));

  it("all that their pools ask for, and nothing for an empty pool", () => {
    assert.deepEqual(steps(pools, { "lab-master-0": {} }, { nodes: joined.slice(0, 1) }), [
      "create lab-fast-0",
      "create lab-fast-1",
    ]);
    assert.deepEqual(steps(pools, running, { nodes: joined }), []);
  });

  it("removal when their pool becomes smaller or is taken out", () => {
    const smaller = cluster(0, { pools: [{ name: "fast", replicas: 1 }] });
    assert.deepEqual(steps(smaller, running, { nodes: joined }), ["remove lab-fast-1"]);
    assert.deepEqual(steps(cluster(0), running, { nodes: joined }), [
      "remove lab-fast-0",
      "remove lab-fast-1",
    ]);
  });

  it("their Nodes to be forgotten when nothing stands behind them, but nobody else's", () => {
    const others = [...joined, node("lab-fast-7"), node("lab-mine-0"), node("lab-old-0")];
    const of = { ...pools, status: { pools: [{ name: "old" }] } };
    assert.deepEqual(steps(of, running, { nodes: others }), ["forget lab-old-0", "forget lab-fast-7"]);
  });

  it("replacement within the same budget as that of other workers", () => {
    const both = cluster(1, { pools: [{ name: "fast", replicas: 1 }] });
    const given = { "lab-master-0": {}, "lab-node-0": {}, "lab-fast-0": {} };
    const sick = [node("lab-master-0"), node("lab-node-0", false, 400), node("lab-fast-0", false, 400)];
    assert.deepEqual(steps(both, given, { nodes: sick }), ["replace lab-node-0"]);
  });
});

describe("what members need whose roots are kept", () => {
  const persistent = { machine: { disk: { persistent: {} } } };
  const of = cluster(1, { controlPlane: persistent, workers: { replicas: 1, ...persistent } });
  const master = { "lab-master-0": { kept: true } };
  const ready = [node("lab-master-0"), node("lab-node-0")];
  const sick = (since: number): GuestNode[] => [node("lab-master-0"), node("lab-node-0", false, since)];

  it("a master's machine that somebody has deleted, though no API server answers", () => {
    assert.deepEqual(steps(of, { "lab-node-0": { kept: true } }, { answers: false }), [
      "create lab-master-0",
    ]);
    assert.deepEqual(steps(cluster(1), { "lab-node-0": {} }, { answers: false }), []);
  });

  it("their Secrets and claims while they start again", () => {
    const given = { "lab-master-0": { kept: true, phase: "Pending" } } as const;
    assert.deepEqual(steps(of, given, { answers: false }), ["refresh lab-master-0"]);
  });

  it("nothing when somebody has stopped them", () => {
    const held = { printable: "Stopped", kept: true, phase: "Failed" } as const;
    assert.deepEqual(steps(of, { ...master, "lab-node-0": held }, { nodes: sick(9000) }), []);
    assert.deepEqual(
      steps(of, { "lab-master-0": held, "lab-node-0": { kept: true } }, { answers: false }),
      [],
    );
  });

  for (const [title, worker, nodes, expected] of [
    ["nothing while all is well", {}, ready, []],
    ["patience with a Node that is not Ready for a moment", {}, sick(200), []],
    ["patience with one that has only just started", { running: 600 }, sick(1000), []],
    ["a restart when it is not Ready for long", {}, sick(400), ["restart lab-node-0"]],
    ["patience while the run before still ends", { restarted: 100 }, sick(400), []],
    ["patience after the restart", { running: 1100, restarted: 1150 }, sick(1500), []],
    [
      "a successor when the restart has not helped",
      { running: 1300, restarted: 1350 },
      sick(1700),
      ["replace lab-node-0"],
    ],
    [
      "a successor when the Node's state has changed since, but not for the better",
      { running: 1300, restarted: 1350 },
      sick(1000),
      ["replace lab-node-0"],
    ],
    ["patience while it is away", { phase: "Pending" }, sick(1400), ["refresh lab-node-0"]],
    [
      "a successor when it does not come back",
      { phase: "Pending" },
      sick(1600),
      ["refresh lab-node-0", "replace lab-node-0"],
    ],
    ["a successor when it does not start again", { phase: "Failed" }, sick(1600), ["replace lab-node-0"]],
    [
      "a successor when it does not come back from a restart",
      { phase: "Failed", restarted: 1300 },
      sick(1700),
      ["replace lab-node-0"],
    ],
    ["patience with one that starts over and over", { running: 60 }, sick(2600), []],
    ["a successor when that goes on", { running: 60 }, sick(2800), ["replace lab-node-0"]],
    ["what was done forgotten once it has helped", { restarted: 90 }, ready, ["settle lab-node-0"]],
    ["a successor when it never joined", { running: 1300 }, ready.slice(0, 1), ["replace lab-node-0"]],
    ["patience when it may still join", { running: 900, age: 1000 }, ready.slice(0, 1), []],
    [
      "a successor when it starts over and over without joining",
      { running: 60, age: 2500 },
      ready.slice(0, 1),
      ["replace lab-node-0"],
    ],
  ] as [string, Given, GuestNode[], string[]][]) {
    it(`a worker: ${title}`, () => {
      const given = { ...master, "lab-node-0": { kept: true, ...worker } };
      assert.deepEqual(steps(of, given, { nodes }), expected);
    });
  }

  it("a restart though another has been stopped by somebody", () => {
    const held = { printable: "Stopped", kept: true, phase: "Failed" } as const;
    const given = { ...master, "lab-node-0": held, "lab-node-1": { kept: true } };
    const all = [...sick(9000), node("lab-node-1", false, 400)];
    assert.deepEqual(steps(cluster(2), given, { nodes: all }), ["restart lab-node-1"]);
  });

  it("restarts within the same budget as replacements", () => {
    const two = cluster(2);
    const given = { ...master, "lab-node-0": { kept: true }, "lab-node-1": { kept: true } };
    const all = [...sick(400), node("lab-node-1", false, 400)];
    assert.deepEqual(steps(two, given, { nodes: all }), ["restart lab-node-0"]);
    const restarted = { ...given, "lab-node-0": { kept: true, running: 60, restarted: 100 } };
    assert.deepEqual(steps(two, restarted, { nodes: all }), [], "the first may be back soon");
    assert.deepEqual(steps(cluster(2, { health: { maxReplacements: 0 } }), given, { nodes: all }), []);
  });

  it("is told by the machine: a change of the spec is for those made from then on", () => {
    assert.deepEqual(steps(of, { ...master, "lab-node-0": {} }, { nodes: sick(400) }), [
      "replace lab-node-0",
    ]);
    const given = { ...master, "lab-node-0": { kept: true } };
    assert.deepEqual(steps(cluster(1), given, { nodes: sick(400) }), ["restart lab-node-0"]);
  });
});

describe("isMasterLost", () => {
  for (const [title, given, rootLoss, lost] of [
    ["one that has been stopped", { printable: "Stopped" }, undefined, false],
    ["one that is being deleted", { going: true }, undefined, false],
    ["one that is gone", undefined, undefined, false],
    ["one that runs without its root", {}, "claim is gone", true],
    ["one that is gone with its root", undefined, "claim is gone", true],
  ] as [string, Given | undefined, string | undefined, boolean][]) {
    it(`with its root kept, ${title}: ${String(lost)}`, () => {
      const of = cluster(0, { controlPlane: { machine: { disk: { persistent: {} } } } });
      const machines = given === undefined ? [] : [machine("lab-master-0", { ...given, kept: true })];
      const members = membersOf(of, machines, () => undefined).map((member) =>
        rootLoss === undefined ? member : { ...member, rootLoss },
      );
      assert.equal(isMasterLost(true, members), lost);
      assert.equal(isMasterLost(false, members), false);
    });
  }

  for (const [title, given, initialized, lost] of [
    ["one that runs", { "lab-master-0": {} }, true, false],
    ["one that has ended", { "lab-master-0": { printable: "Stopped" } }, true, true],
    ["one that is being deleted", { "lab-master-0": { going: true } }, true, true],
    ["one that is gone", {}, true, true],
    ["one that never answered", {}, false, false],
  ] as [string, Record<string, Given>, boolean, boolean][]) {
    it(`${title}: ${String(lost)}`, () => {
      const machines = Object.entries(given).map(([name, one]) => machine(name, one));
      assert.equal(
        isMasterLost(
          initialized,
          membersOf(cluster(0), machines, () => undefined),
        ),
        lost,
      );
    });
  }
});
