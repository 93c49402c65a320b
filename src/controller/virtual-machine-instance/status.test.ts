import assert from "node:assert/strict";
import { guestSpec, storedInstance, storedPod } from "../../../test/support/stored.ts";
import type { InstanceStatus } from "../../api/resources.ts";
import type { PodStatus } from "../../kube/object.ts";
import { eventOf } from "./events.ts";
import { significance, statusFromPod, statusWithObstacle, statusWithoutPod } from "./status.ts";

const now = Date.parse("2030-01-01T00:00:00Z");
const later = now + 5_000;
const image = { image: "", imageID: "", restartCount: 0 };
const address = { podIP: "10.1.2.3", podIPs: [{ ip: "10.1.2.3" }, { ip: "fd00::3" }] };
const running: PodStatus = {
  ...address,
  conditions: [{ type: "PodScheduled", status: "True" }],
  containerStatuses: [{ name: "compute", ...image, ready: true, state: { running: {} } }],
};
const notReady: PodStatus = {
  ...running,
  containerStatuses: [{ name: "compute", ...image, ready: false, state: { running: {} } }],
};
const pulling = (reason: string): PodStatus => ({
  containerStatuses: [
    { name: "compute", ...image, ready: false, state: { waiting: { reason, message: reason } } },
  ],
});

function condition(status: InstanceStatus, type: string): string | undefined {
  const found = status.conditions?.find((one) => one.type === type);
  return found === undefined ? undefined : `${found.status} ${found.reason}`;
}

describe("an instance's status", () => {
  const pod = storedPod(running, { nodeName: "node-1" });

  it("follows a pod whose domain runs", () => {
    const status = statusFromPod(storedInstance(), pod, now);
    assert.equal(status.phase, "Running");
    assert.equal(status.nodeName, "node-1");
    assert.equal(status.podName, "virt-launcher-a");
    assert.deepEqual(status.interfaces, [
      { name: "default", ipAddress: "10.1.2.3", ipAddresses: ["10.1.2.3", "fd00::3"] },
    ]);
    assert.equal(condition(status, "Ready"), "True GuestRunning");
    assert.equal(condition(status, "LauncherCreated"), "True Created");
    assert.equal(condition(status, "PodScheduled"), "True Scheduled");
    assert.equal(status.observedGeneration, 3);
    assert.deepEqual(status.phaseTransitionTimestamps, [
      { phase: "Running", phaseTransitionTimestamp: "2030-01-01T00:00:00.000Z" },
    ]);
  });

  it("has the pod's addresses of both families with masquerade too", () => {
    const devices = { ...guestSpec.domain.devices, interfaces: [{ name: "lan", masquerade: {} }] };
    const domain = { ...guestSpec.domain, devices };
    const { interfaces } = statusFromPod(
      storedInstance({ domain, networks: [{ name: "lan", pod: {} }] }),
      pod,
      now,
    );
    assert.deepEqual(interfaces, [
      { name: "lan", ipAddress: "10.1.2.3", ipAddresses: ["10.1.2.3", "fd00::3"] },
    ]);
  });

  it("is the same for the same pod, whatever the time", () => {
    const status = statusFromPod(storedInstance(), pod, now);
    const again = statusFromPod(storedInstance({}, status), pod, later);
    assert.deepEqual(again, status);
    assert.equal(significance(status, again), "none");
  });

  it("keeps the address and the times of a pod that is over", () => {
    const before = statusFromPod(storedInstance(), pod, now);
    const ended = storedPod({
      containerStatuses: [
        {
          name: "compute",
          ...image,
          ready: false,
          state: { terminated: { exitCode: 0, message: '{"reason":"GuestShutdown","message":"off"}' } },
        },
      ],
    });
    const status = statusFromPod(storedInstance({}, before), ended, later);
    assert.equal(status.phase, "Succeeded");
    assert.deepEqual(status.interfaces, before.interfaces);
    assert.equal(status.nodeName, "node-1");
    assert.deepEqual(
      status.phaseTransitionTimestamps?.map(({ phase }) => phase),
      ["Running", "Succeeded"],
    );
    assert.equal(condition(status, "Ready"), "False PodFinished");
    assert.equal(significance(before, status), "now");
  });

  it("is not Ready while its pod is being deleted", () => {
    const leaving = storedPod(running, {}, { deletionTimestamp: "2030-01-01T00:00:00Z" });
    const status = statusFromPod(storedInstance(), leaving, now);
    assert.equal(status.phase, "Running");
    assert.equal(condition(status, "Ready"), "False PodTerminating");
  });

  it("stays Running, though not Ready, when the probe of a running guest is silent", () => {
    const before = statusFromPod(storedInstance(), pod, now);
    const status = statusFromPod(storedInstance({}, before), storedPod(notReady), later);
    assert.equal(status.phase, "Running");
    assert.equal(condition(status, "Ready"), "False GuestNotRunning");
  });

  it("is Running, though not Ready, while the user's readiness probe fails", () => {
    const spec = { containers: [{ name: "compute", startupProbe: {} }] };
    const unready = {
      ...running,
      containerStatuses: [{ name: "compute", ...image, started: true, ready: false, state: { running: {} } }],
    };
    const status = statusFromPod(storedInstance(), storedPod(unready, spec), now);
    assert.equal(status.phase, "Running");
    assert.equal(condition(status, "Ready"), "False ReadinessProbeFailed");
    const starting = storedPod(notReady, spec);
    assert.equal(statusFromPod(storedInstance(), starting, now).phase, "Scheduled");
  });

  it("tells of the guest's agent where the readiness probe asks it", () => {
    const asking = storedInstance({ readinessProbe: { guestAgentPing: {} } });
    assert.equal(condition(statusFromPod(asking, pod, now), "AgentConnected"), "True AgentAnswers");
    const silent = statusFromPod(asking, storedPod(notReady), now);
    assert.equal(condition(silent, "AgentConnected"), "False AgentDoesNotAnswer");
    const others = storedInstance({ readinessProbe: { exec: { command: ["true"] } } });
    for (const instance of [others, storedInstance()]) {
      assert.doesNotMatch(JSON.stringify(statusFromPod(instance, pod, now)), /AgentConnected/);
    }
  });

  for (const reason of ["User", "IOError", "Watchdog"]) {
    it(`is Running and Paused, not Ready, when its launcher says so: ${reason}`, () => {
      const before = statusFromPod(storedInstance(), pod, now);
      const status = statusFromPod(storedInstance({}, before), storedPod(notReady), later, { pause: reason });
      assert.equal(status.phase, "Running");
      assert.equal(condition(status, "Paused"), `True ${reason}`);
      assert.equal(condition(status, "Ready"), "False GuestPaused");
      assert.equal(significance(before, status), "now");
      const after = statusFromPod(storedInstance({}, status), pod, later);
      assert.equal(condition(after, "Paused"), undefined);
      assert.equal(condition(after, "Ready"), "True GuestRunning");
    });
  }

  it("tells what the guest runs on, from when it is known until the end", () => {
    const accelerator = { type: "tcg" as const, reason: "no vmx" };
    const before = statusFromPod(storedInstance(), pod, now, { accelerator });
    assert.deepEqual(before.accelerator, accelerator);
    assert.deepEqual(statusFromPod(storedInstance({}, before), pod, later), before);
    const after = statusWithoutPod(storedInstance({}, before), later);
    assert.deepEqual(after.accelerator, accelerator);
  });

  for (const [acceleration, expected] of [
    ["kvm", { type: "kvm" }],
    ["warp", undefined],
    [undefined, undefined],
  ] as const) {
    it(`takes the accelerator from the launcher's end where nothing else told it: ${acceleration}`, () => {
      const message = JSON.stringify({ reason: "GuestShutdown", message: "off", acceleration });
      const terminated = { exitCode: 0, message };
      const ended = storedPod({
        containerStatuses: [{ name: "compute", ...image, ready: false, state: { terminated } }],
      });
      assert.deepEqual(statusFromPod(storedInstance(), ended, now).accelerator, expected);
    });
  }

  it("never promises a live migration", () => {
    const status = statusFromPod(storedInstance(), pod, now);
    assert.equal(condition(status, "LiveMigratable"), "False LiveMigrationUnsupported");
  });

  it("takes the kubelet's two words for a failing pull as one", () => {
    const first = statusFromPod(storedInstance(), storedPod(pulling("ErrImagePull")), now);
    const second = statusFromPod(storedInstance({}, first), storedPod(pulling("ImagePullBackOff")), now);
    const third = statusFromPod(storedInstance({}, second), storedPod(pulling("ErrImagePull")), now);
    assert.deepEqual(
      [first.reason, second.reason, third.reason],
      ["ErrImagePull", "ImagePullBackOff", "ImagePullBackOff"],
    );
    assert.equal(significance(second, third), "none");
  });

  it("says what stands in the way of the pod", () => {
    const obstacle = { reason: "QuotaExceeded", message: "full" } as const;
    const status = statusWithObstacle(storedInstance(), obstacle, "Pending", now);
    assert.equal(status.phase, "Pending");
    assert.equal(status.reason, "QuotaExceeded");
    assert.equal(status.message, "full");
    assert.equal(condition(status, "Ready"), "False PodNotExists");
    assert.equal(condition(status, "LauncherCreated"), "False QuotaExceeded");
  });

  it("is Failed when its pod is gone, and keeps what is known", () => {
    const before = statusFromPod(storedInstance(), pod, now);
    const status = statusWithoutPod(storedInstance({}, before), later);
    assert.equal(status.phase, "Failed");
    assert.equal(status.reason, "PodDeleted");
    assert.deepEqual(status.interfaces, before.interfaces);
    assert.equal(status.podName, "virt-launcher-a");
  });

  it("has an interface of no address where it has no network", () => {
    const domain = { memory: { guest: "64Mi" }, devices: { autoattachPodInterface: false } };
    assert.equal(statusFromPod(storedInstance({ domain }), pod, now).interfaces, undefined);
  });
});

describe("the weight of a change of status", () => {
  const at = (status: Partial<InstanceStatus>): InstanceStatus => ({ phase: "Scheduling", ...status });

  it("is small where something more important is likely to follow", () => {
    assert.equal(significance(at({}), at({ nodeName: "node-1" })), "soon");
    assert.equal(significance(at({}), at({ phase: "Scheduled" })), "soon");
  });

  it("is great where people and programs wait for it", () => {
    assert.equal(significance(undefined, at({})), "now");
    assert.equal(significance(at({}), at({ phase: "Running" })), "now");
    assert.equal(significance(at({}), at({ reason: "Unschedulable" })), "now");
  });
});

describe("the Event of a change of status", () => {
  it("tells of a start, an end and an obstacle, once", () => {
    assert.equal(eventOf({ phase: "Scheduling" }, { phase: "Running", nodeName: "n" })?.reason, "Started");
    assert.equal(eventOf({ phase: "Running" }, { phase: "Succeeded", reason: "Stopped" })?.type, "Normal");
    assert.equal(eventOf({ phase: "Running" }, { phase: "Failed", reason: "Crashed" })?.type, "Warning");
    assert.equal(eventOf(undefined, { phase: "Pending", reason: "QuotaExceeded" })?.reason, "QuotaExceeded");
    assert.equal(eventOf(undefined, { phase: "Scheduling" }), undefined);
    assert.equal(eventOf({ phase: "Running" }, { phase: "Running", message: "x" }), undefined);
  });

  for (const [accelerator, note] of [
    [undefined, "the guest runs on node n"],
    [{ type: "kvm" }, "the guest runs on node n, with KVM"],
    [{ type: "tcg" }, "the guest runs on node n, emulated"],
    [
      { type: "tcg", reason: "no vmx" },
      "the guest runs on node n, emulated because KVM is not usable: no vmx",
    ],
  ] as const) {
    it(`tells what the guest runs on: ${JSON.stringify(accelerator)}`, () => {
      const status = { phase: "Running", nodeName: "n", ...(accelerator && { accelerator }) } as const;
      assert.equal(eventOf({ phase: "Scheduling" }, status)?.note, note);
    });
  }
});
