import assert from "node:assert/strict";
import { bootstrapReportIn, type BootstrapReport } from "./bootstrap-report.ts";

const unauthorized =
  "error: error execution phase preflight: unable to fetch the kubeadm-config ConfigMap: " +
  "failed to get config map: Unauthorized";

function failed(words: string, tokenRefused = false): BootstrapReport {
  return { outcome: "failed", words, tokenRefused };
}

describe("bootstrapReportIn", () => {
  const table: readonly (readonly [string, string, BootstrapReport | undefined])[] = [
    ["nothing yet", '{"msg":"step done"}\n[  OK  ] Started foo.\n', undefined],
    ["a success", "Debian\nnestlet-bootstrap: ready\nlab-master-0 login:", { outcome: "ready" }],
    ["a failure", "nestlet-bootstrap: failed: error: no space\n", failed("error: no space")],
    ["a failure without words", "nestlet-bootstrap: failed: \n", failed("")],
    ["the last of several", "nestlet-bootstrap: failed: a\nx\nnestlet-bootstrap: failed: b", failed("b")],
    [
      "a success after failures",
      "nestlet-bootstrap: failed: a\nnestlet-bootstrap: ready",
      { outcome: "ready" },
    ],
    ["one behind another message", "[ 12.3] eth0: up nestlet-bootstrap: failed: b", failed("b")],
    ["what the launcher quotes", '{"msg":"nestlet-bootstrap: ready"}', undefined],
    ["an outcome that is not known", "nestlet-bootstrap: maybe", undefined],
    ["a token that is not taken", `nestlet-bootstrap: failed: ${unauthorized}`, failed(unauthorized, true)],
    [
      "no tokens",
      "nestlet-bootstrap: failed: token abcdef.0123456789abcdef is bad",
      failed("token abcdef.… is bad"),
    ],
  ];
  for (const [title, log, expected] of table) {
    it(`finds ${title}`, () => assert.deepEqual(bootstrapReportIn(log), expected));
  }

  it("keeps the end of many words", () => {
    const report = bootstrapReportIn(`nestlet-bootstrap: failed: ${"x".repeat(5000)} the end`);
    assert.ok(report?.outcome === "failed");
    assert.match(report.words, /^… x+ the end$/);
    assert.equal(report.words.length, 1002);
  });
});
