import assert from "node:assert/strict";
import { StartError } from "../start-error.ts";
import { chooseAccelerator, isContainersOwnDev } from "./acceleration.ts";

describe("chooseAccelerator", () => {
  const good = { cpuFlag: true };
  const noFlag = { cpuFlag: false };
  const noDevice = { cpuFlag: true, deviceError: "ENOENT: no such file or directory, open '/dev/kvm'" };
  const table = [
    ["Prefer", good, "kvm"],
    ["Prefer", noFlag, "tcg"],
    ["Prefer", noDevice, "tcg"],
    ["Require", good, "kvm"],
    ["Emulate", good, "tcg"],
    ["Emulate", noDevice, "tcg"],
  ] as const;
  for (const [wanted, evidence, accelerator] of table) {
    it(`${wanted} with ${JSON.stringify(evidence)}: ${accelerator}`, () => {
      assert.equal(chooseAccelerator(wanted, evidence), accelerator);
    });
  }
  it("Require says what is missing and what to do", () => {
    const message = (evidence: typeof noDevice | typeof noFlag): RegExp | string => {
      try {
        return chooseAccelerator("Require", evidence);
      } catch (error) {
        assert.ok(error instanceof StartError);
        return error.message;
      }
    };
    assert.match(String(message(noFlag)), /neither vmx nor svm; choose a node with hardware virtualisation/);
    assert.match(String(message(noDevice)), /\/dev\/kvm does not open: ENOENT/);
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
