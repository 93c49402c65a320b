import assert from "node:assert/strict";
import { faultOf, nestctlLines } from "./nestctl-line.ts";

describe("command lines of nestctl in a text", () => {
  it("are found wherever they stand", () => {
    const text = [
      "nestctl get",
      "x=$(kubectl nest ip web) && sudo nestctl stop web | cat",
      "nestctl create vm web | kubectl apply -f -",
      "echo nestctl no; kubectl get nest",
    ].join("\n");
    assert.deepEqual(nestctlLines(text), [["get"], ["ip", "web"], ["stop", "web"], ["create", "vm", "web"]]);
  });

  const table: [string, RegExp | undefined][] = [
    ["get vm web -o yaml", undefined],
    ["-n ns cluster exec lab --group workers -- uname -a --all", undefined],
    ["stop web --grace-period 5", undefined],
    ["--help", undefined],
    ["help stop", undefined],
    ["--version", undefined],
    ["fly web", /unknown command 'fly'/],
    ["cluster fly lab", /unknown command 'fly'/],
    ["stop web --speed 5", /unknown option '--speed'/],
    ["get -o pdf", /'pdf' is invalid/],
    ["stop", /missing required argument/],
    ["stop --grace-period", /argument missing/],
    ["cluster", /Usage: nestctl cluster/],
  ];
  for (const [line, wanted] of table) {
    it(`are ${wanted === undefined ? "right" : "wrong"}: ${line}`, async () => {
      const fault = await faultOf(line.split(" "));
      if (wanted === undefined) assert.equal(fault, undefined);
      else assert.match(fault ?? "nothing wrong", wanted);
    });
  }
});
