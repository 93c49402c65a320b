import assert from "node:assert/strict";
import type { VirtualMachine } from "../../api/resources.ts";
import { graceOf, isAnswered } from "./request.ts";

describe("graceOf", () => {
  it("is the spec's unless told otherwise", () => assert.equal(graceOf({}), undefined));
  it("is never 0: the pod would be forgotten while its guest writes", () => {
    assert.equal(graceOf({ force: true }), 1);
    assert.equal(graceOf({ gracePeriod: "0" }), 1);
  });
  it("is what was given", () => assert.equal(graceOf({ force: true, gracePeriod: "30" }), 30));
  it("is a number", () => assert.throws(() => graceOf({ gracePeriod: "soon" }), /--grace-period: "soon"/));
});

describe("isAnswered", () => {
  const machine = (resourceVersion: string, asked: boolean, answer: boolean): VirtualMachine =>
    ({
      metadata: { resourceVersion, annotations: asked ? { "nestlet.dev/request": "stop" } : {} },
      status: answer ? { lastRequest: { action: "stop", accepted: true, time: "" } } : {},
    }) as unknown as VirtualMachine;
  const before = machine("1", false, true);
  for (const [title, now, answered] of [
    ["not before it was asked", before, false],
    ["not while the annotation is on", machine("2", true, true), false],
    ["not without an answer", machine("2", false, false), false],
    ["when it is off and there is one", machine("3", false, true), true],
  ] as const) {
    it(title, () => assert.equal(isAnswered(now, before), answered));
  }
});
