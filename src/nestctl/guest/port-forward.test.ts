import assert from "node:assert/strict";
import { portPairOf } from "./port-forward.ts";

describe("portPairOf", () => {
  for (const [text, local, remote] of [
    ["80", 80, 80],
    ["8080:80", 8080, 80],
    [":80", 0, 80],
  ] as const) {
    it(text, () => assert.deepEqual(portPairOf(text), { local, remote }));
  }
  for (const text of ["", ":", "a:80", "80:", "1:2:3", "70000"]) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.throws(() => portPairOf(text), { exitCode: 2 }));
  }
});
