import assert from "node:assert/strict";
import { ConsoleUnavailable } from "../console/serial-console.ts";
import { NotConnected } from "../hypervisor/hypervisor.ts";
import { ConnectionLost, LibvirtError } from "../hypervisor/libvirt-error.ts";
import { Busy, TookTooLong } from "../hypervisor/one-at-a-time.ts";
import { VerbError } from "./protocol.ts";
import { verbErrorOf } from "./verb-failure.ts";

describe("verbErrorOf", () => {
  const table: readonly (readonly [unknown, string, RegExp])[] = [
    [new VerbError("NotPossible", "no display"), "NotPossible", /^no display$/],
    [
      new LibvirtError(86, "QEMU guest agent is not connected"),
      "AgentNotConnected",
      /not connected\): install qemu-guest-agent/,
    ],
    [new LibvirtError(55, "domain is not running"), "Refused", /^libvirt refuses: domain is not running$/],
    [new Busy("pausing", "a reset"), "Unavailable", /a reset is still under way; try again/],
    [new TookTooLong("pausing", 5000), "TimedOut", /pausing is not done after 5 s: qemu or its node/],
    [new NotConnected("libvirtd is being started again"), "Unavailable", /the guest goes on, try again/],
    [new ConnectionLost(), "Unavailable", /the guest goes on, try again/],
    [new ConsoleUnavailable("nobody answers"), "Unavailable", /has the guest ended\?/],
    [new Error("ENOENT"), "Refused", /^ENOENT$/],
    ["words", "Refused", /^words$/],
  ];
  for (const [error, code, words] of table) {
    it(`${String(error)}: ${code}`, () => {
      const told = verbErrorOf(error);
      assert.equal(told.code, code);
      assert.match(told.message, words);
    });
  }
});
