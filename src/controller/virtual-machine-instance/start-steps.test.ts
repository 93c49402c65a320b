import assert from "node:assert/strict";
import { storedInstance, storedPod } from "../../../test/support/stored.ts";
import { startStepsOf } from "./start-steps.ts";

const now = Date.parse("2030-01-01T00:00:09.500Z");
const compute = { name: "compute", image: "", imageID: "", ready: true, restartCount: 0 };
const at = (second: number): string => `2030-01-01T00:00:0${second}Z`;

describe("the steps of a start", () => {
  const instance = storedInstance({}, undefined, { creationTimestamp: at(0) });

  it("are told by the times of instance and pod", () => {
    const pod = storedPod(
      {
        conditions: [{ type: "PodScheduled", status: "True", lastTransitionTime: at(3) }],
        containerStatuses: [{ ...compute, state: { running: { startedAt: at(7) } } }],
      },
      {},
      { creationTimestamp: at(1) },
    );
    assert.deepEqual(startStepsOf(instance, pod, now), {
      pod: 1,
      schedule: 2,
      container: 4,
      guest: 2.5,
      total: 9.5,
    });
  });

  it("are left out where their times are not told, and never negative", () => {
    const pod = storedPod({ containerStatuses: [{ ...compute, state: { running: { startedAt: at(9) } } }] });
    const early = Date.parse(at(8));
    assert.deepEqual(startStepsOf(instance, pod, early), { pod: 0, guest: 0, total: 8 });
  });

  it("are left out where a time is null, as the API server writes one that is not told", () => {
    const scheduled = JSON.parse(
      '{"type": "PodScheduled", "status": "True", "lastTransitionTime": null}',
    ) as { type: string; status: string };
    const pod = storedPod({ conditions: [scheduled] }, {}, { creationTimestamp: at(1) });
    assert.deepEqual(startStepsOf(instance, pod, now), { pod: 1, total: 9.5 });
  });
});
