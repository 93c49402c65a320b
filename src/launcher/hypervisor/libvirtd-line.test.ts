import assert from "node:assert/strict";
import { readLibvirtdLine } from "./libvirtd-line.ts";

describe("readLibvirtdLine", () => {
  const at = "2026-11-21 10:46:48.842+0000: 112:";
  const table = [
    ["", undefined],
    [`${at} info : libvirt version: 9.0.0, package: 9.0.0-4+deb12u2 (Debian)`, undefined],
    [`${at} error : virHostCPUGetCPUID:1422 : Unable to open /dev/kvm: No such file or directory`, undefined],
    [
      `${at} error : qemuMonitorIO:576 : internal error: End of file`,
      { level: "error", msg: "internal error: End of file" },
    ],
    [`${at} warning : qemuDomainX:1 : something`, { level: "warn", msg: "something" }],
    ["Segmentation fault", { level: "warn", msg: "Segmentation fault" }],
  ] as const;
  for (const [line, read] of table) {
    it(line === "" ? "an empty line" : line, () => assert.deepEqual(readLibvirtdLine(line), read));
  }
});
