import assert from "node:assert/strict";
import { StartError } from "../start-error.ts";
import { chooseAccelerator, isContainersOwnDev } from "./acceleration.ts";

describe("chooseAccelerator", () => {
  const good = { cpuFlag: true };
  const noFlag = { cpuFlag: false };
  const noDevice = { cpuFlag: true, deviceError: "ENOENT: no such file or directory, open '/dev/kvm'" };
  const noExtension = "/proc/cpuinfo shows neither vmx nor svm";
  const closed = `/dev/kvm does not open: ${noDevice.deviceError}`;
  const table = [
    ["Prefer", good, { accelerator: "kvm" }],
    ["Prefer", noFlag, { accelerator: "tcg", obstacle: noExtension }],
    ["Prefer", noDevice, { accelerator: "tcg", obstacle: closed }],
    ["Require", good, { accelerator: "kvm" }],
    ["Emulate", good, { accelerator: "tcg" }],
    ["Emulate", noDevice, { accelerator: "tcg" }],
  ] as const;
  for (const [wanted, evidence, chosen] of table) {
    it(`${wanted} with ${JSON.stringify(evidence)}: ${JSON.stringify(chosen)}`, () => {
      assert.deepEqual(chooseAccelerator(wanted, evidence), chosen);
    });
  }
  it("Require says what is missing and what to do", () => {
    const message = (evidence: typeof noDevice | typeof noFlag): string => {
      try {
        return JSON.stringify(chooseAccelerator("Require", evidence));
      } catch (error) {
        assert.ok(error instanceof StartError);
        return error.message;
      }
    };
    assert.match(message(noFlag), /neither vmx nor svm; choose a node with hardware virtualisation/);
    assert.match(message(noDevice), /\/dev\/kvm does not open: ENOENT/);
  });
});

describe("isContainersOwnDev", () => {
  const line = (type: string): string => `100 99 0:50 / /dev rw,nosuid - ${type} ${type} rw,size=65536k`;
  it("is true for a tmpfs", () =>
    assert.equal(isContainersOwnDev(`1 0 0:1 / / rw - overlay o rw\n${line("tmpfs")}`), true));
  it("is false for the kernel's device tree", () =>
    assert.equal(isContainersOwnDev(line("devtmpfs")), false));
  it("goes by the last mount", () => {
    assert.equal(isContainersOwnDev(`${line("tmpfs")}\n${line("devtmpfs")}`), false);
  });
  it("is false where nothing is mounted", () => assert.equal(isContainersOwnDev(""), false));
});
