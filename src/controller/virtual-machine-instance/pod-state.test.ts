import assert from "node:assert/strict";
import { storedPod } from "../../../test/support/stored.ts";
import type { ContainerStatus, PodStatus } from "../../kube/object.ts";
import { endingOf, hasStopped, podStateOf } from "./pod-state.ts";

const image = { image: "", imageID: "", restartCount: 0 };

function compute(state: ContainerStatus["state"], ready = false): PodStatus {
  return {
    containerStatuses: [{ name: "compute", ...image, ready, ...(state === undefined ? {} : { state }) }],
  };
}

function terminated(exitCode: number, message?: string, reason = "Error"): PodStatus {
  const times = { startedAt: "2030-01-01T00:00:00Z", finishedAt: "2030-01-01T00:01:00Z" };
  return compute({
    terminated: { exitCode, reason, ...times, ...(message === undefined ? {} : { message }) },
  });
}

const running = { running: { startedAt: "2030-01-01T00:00:00Z" } };
const lost: PodStatus["conditions"] = [
  { type: "Ready", status: "False" },
  { type: "ContainersReady", status: "True" },
];

const cases: { title: string; status: PodStatus; phase: string; reason?: string; message?: RegExp }[] = [
  { title: "a new pod", status: {}, phase: "Scheduling" },
  {
    title: "a pod that finds no node",
    status: {
      conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/1 nodes" }],
    },
    phase: "Scheduling",
    reason: "Unschedulable",
    message: /^0\/1 nodes$/,
  },
  {
    title: "a container being created",
    status: compute({ waiting: { reason: "ContainerCreating" } }),
    phase: "Scheduling",
  },
  {
    title: "an image that cannot be pulled",
    status: compute({ waiting: { reason: "ErrImagePull", message: "not found" } }),
    phase: "Scheduling",
    reason: "ErrImagePull",
    message: /^not found$/,
  },
  {
    title: "an image that is to be copied and cannot be pulled",
    status: {
      ...compute({ waiting: { reason: "PodInitializing" } }),
      initContainerStatuses: [
        {
          name: "copy-0",
          ...image,
          ready: false,
          state: { waiting: { reason: "ErrImagePull", message: "not found" } },
        },
      ],
    },
    phase: "Scheduling",
    reason: "ErrImagePull",
    message: /^not found$/,
  },
  {
    title: "an image that cannot be copied",
    status: {
      phase: "Failed",
      ...compute({ waiting: { reason: "PodInitializing" } }),
      initContainerStatuses: [
        {
          name: "copy-0",
          ...image,
          image: "example.org/disk:1",
          ready: false,
          state: { terminated: { exitCode: 1, message: "cp: can't stat '/disk': No such file\n" } },
        },
      ],
    },
    phase: "Failed",
    reason: "StartFailed",
    message:
      /^image example\.org\/disk:1 cannot be copied: cp: can't stat '\/disk': No such file; does it have/,
  },
  { title: "a launcher that has started", status: compute(running), phase: "Scheduled" },
  { title: "a domain that runs", status: compute(running, true), phase: "Running" },
  {
    title: "a node that is silent",
    status: { ...compute(running, true), conditions: lost },
    phase: "Unknown",
    reason: "NodeLost",
    message: /kubectl delete pod virt-launcher-a --force/,
  },
  {
    title: "a guest that powered itself off",
    status: terminated(0, '{"reason":"GuestShutdown","message":"off"}', "Completed"),
    phase: "Succeeded",
    reason: "GuestShutdown",
    message: /^off$/,
  },
  {
    title: "a guest that could not start",
    status: terminated(4, '{"reason":"StartFailed","message":"no folder /disk"}'),
    phase: "Failed",
    reason: "StartFailed",
    message: /^no folder \/disk$/,
  },
  {
    title: "a launcher that used too much memory",
    status: terminated(137, undefined, "OOMKilled"),
    phase: "Failed",
    reason: "OOMKilled",
    message: /raise spec\.domain\.resources\.limits\.memory/,
  },
  {
    title: "a launcher that ended without a word",
    status: terminated(1, "panic"),
    phase: "Failed",
    reason: "LauncherDied",
    message: /ended with code 1 without an account/,
  },
  {
    title: "a pod that was evicted",
    status: { phase: "Failed", reason: "Evicted", message: "The node was low on resource" },
    phase: "Failed",
    reason: "Evicted",
    message: /low on resource/,
  },
  {
    title: "a launcher that ended on a node that was silent before",
    status: { ...terminated(0, '{"reason":"Stopped","message":"done"}'), conditions: lost },
    phase: "Succeeded",
    reason: "Stopped",
  },
  {
    title: "another container that ended",
    status: {
      containerStatuses: [
        { name: "sidecar", ...image, ready: false, state: { terminated: { exitCode: 1 } } },
        { name: "compute", ...image, ready: true, state: running },
      ],
    },
    phase: "Running",
  },
];

describe("the state that a pod tells", () => {
  for (const { title, status, phase, reason = "", message } of cases) {
    it(`of ${title} is ${phase}${reason === "" ? "" : `, ${reason}`}`, () => {
      const state = podStateOf(storedPod(status, { nodeName: "node-1" }));
      assert.equal(state.phase, phase);
      assert.equal(state.reason, reason);
      if (message !== undefined) assert.match(state.message, message);
    });
  }
});

describe("a launcher that was asked to end", () => {
  const spec = { containers: [{ name: "compute", livenessProbe: {} }] };
  const stopped = terminated(0, '{"reason":"Stopped","message":"down"}');
  const drained: PodStatus["conditions"] = [{ type: "DisruptionTarget", status: "True" }];

  for (const { title, pod, reason } of [
    { title: "has failed its liveness probe", pod: storedPod(stopped, spec), reason: "LivenessProbeFailed" },
    {
      title: "was killed for its liveness probe",
      pod: storedPod(terminated(3, '{"reason":"Killed","message":"destroyed"}'), spec),
      reason: "LivenessProbeFailed",
    },
    { title: "has no liveness probe", pod: storedPod(stopped), reason: "Stopped" },
    {
      title: "was deleted",
      pod: storedPod(stopped, spec, { deletionTimestamp: "2030-01-01T00:00:00Z" }),
      reason: "Stopped",
    },
    { title: "was evicted", pod: storedPod({ ...stopped, conditions: drained }, spec), reason: "Stopped" },
    {
      title: "was on a node that shuts down",
      pod: storedPod({ ...stopped, reason: "Terminated" }, spec),
      reason: "Stopped",
    },
    {
      title: "had a guest that powered itself off",
      pod: storedPod(terminated(0, '{"reason":"GuestShutdown","message":"off"}'), spec),
      reason: "GuestShutdown",
    },
  ]) {
    it(`where it ${title} is told as ${reason}`, () => {
      assert.equal(podStateOf(pod).reason, reason);
    });
  }
});

describe("a launcher's account of its end", () => {
  for (const wrong of [
    undefined,
    "",
    "text",
    "[]",
    '{"reason":"Bored","message":"x"}',
    '{"reason":"Crashed"}',
  ]) {
    it(`is not ${wrong ?? "an absent message"}`, () => {
      assert.equal(endingOf(wrong), undefined);
    });
  }
});

describe("whether a pod has stopped", () => {
  const ended = terminated(0).containerStatuses ?? [];
  const going = compute(running).containerStatuses ?? [];
  const stopCases: { title: string; status: PodStatus; stopped: boolean }[] = [
    { title: "nothing is known of its containers", status: {}, stopped: false },
    { title: "its container runs", status: { containerStatuses: going }, stopped: false },
    { title: "its container has ended", status: { containerStatuses: ended }, stopped: true },
    {
      title: "a sidecar still runs",
      status: { containerStatuses: ended, initContainerStatuses: going },
      stopped: false,
    },
    {
      title: "the node is lost, and others have given the pod up",
      status: { phase: "Failed", containerStatuses: going },
      stopped: false,
    },
  ];
  for (const { title, status, stopped } of stopCases) {
    it(`${String(stopped)} when ${title}`, () => {
      const pod = storedPod(status, { containers: [{ name: "compute" }] });
      assert.equal(hasStopped(pod), stopped);
    });
  }
});
