import assert from "node:assert/strict";
import { LibvirtError } from "../hypervisor/libvirt-error.ts";
import { endingOf, endingOfFailure, type LastMoments } from "./ending.ts";
import { StartTooSlow, StoppedBeforeStart } from "./stop-signal.ts";

const quiet: LastMoments = {
  detail: "Shutdown",
  panicked: false,
  signalled: false,
  stopRequested: false,
  graceExpired: false,
};

describe("endingOf", () => {
  const table: readonly (readonly [string, Partial<LastMoments>, string])[] = [
    ["the guest powers itself off", {}, "GuestShutdown"],
    ["the guest shuts down as asked", { stopRequested: true }, "Stopped"],
    ["it is destroyed with grace 0", { stopRequested: true, detail: "Destroyed" }, "Stopped"],
    [
      "it is destroyed after its grace",
      { stopRequested: true, graceExpired: true, detail: "Destroyed" },
      "Killed",
    ],
    ["somebody signals qemu", { signalled: true }, "Killed"],
    ["somebody destroys it", { detail: "Destroyed" }, "Killed"],
    ["its kernel panics", { panicked: true, detail: "Crashed" }, "Crashed"],
    ["its kernel panics while it is asked to stop", { panicked: true, stopRequested: true }, "Crashed"],
    ["it crashes", { detail: "Crashed" }, "Crashed"],
    ["qemu is killed", { detail: "Failed" }, "Crashed"],
  ];
  for (const [what, moments, reason] of table) {
    it(`${what}: ${reason}`, () => assert.equal(endingOf({ ...quiet, ...moments }).reason, reason));
  }
});

describe("the account of a qemu that died", () => {
  const died = (more: Partial<LastMoments>): string =>
    endingOf({ ...quiet, detail: "Failed", ...more }).message;
  it("has qemu's last words", () => {
    assert.match(died({ lastWords: "cannot allocate memory" }), /saying: cannot allocate memory/);
  });
  it("guesses at the memory where there are none", () => {
    assert.match(died({}), /without a word: it was killed, perhaps for lack of memory/);
  });
  it("names the watchdog where that could have done it", () => {
    assert.match(died({ watchdogEnds: true }), /no longer set its watchdog back/);
  });
});

describe("endingOfFailure", () => {
  it("is no failure when nothing ran yet and it is asked to stop", () => {
    assert.equal(endingOfFailure(new StoppedBeforeStart()).reason, "Stopped");
  });
  it("says what libvirt said", () => {
    const { reason, message } = endingOfFailure(new LibvirtError(1, "unsupported configuration: x"));
    assert.equal(reason, "StartFailed");
    assert.equal(message, "libvirt refuses the domain: unsupported configuration: x");
  });
  it("names the deadline", () => {
    assert.match(
      endingOfFailure(new StartTooSlow(60)).message,
      /does not run 60 s after its launcher started/,
    );
  });
});
