import assert from "node:assert/strict";
import { kindsOf, oneKind, targetsOf } from "./kinds.ts";

describe("kinds", () => {
  for (const [word, plural] of [
    ["vm", "virtualmachines"],
    ["VMs", "virtualmachines"],
    ["virtualmachine", "virtualmachines"],
    ["virtualmachines.nestlet.dev", "virtualmachines"],
    ["vmi", "virtualmachineinstances"],
    ["coc", "coreosclusters"],
    ["cluster", "coreosclusters"],
  ] as const) {
    it(`${word} is ${plural}`, () => assert.equal(oneKind(word).resource.plural, plural));
  }
  it("all is each", () => assert.equal(kindsOf("all").length, 3));
  it("refuses others", () => {
    assert.throws(() => kindsOf("pod"), { message: 'there is no kind "pod"', remedy: /vm, vmi/ });
    assert.throws(() => oneKind("all"), /several kinds/);
  });
});

describe("targetsOf", () => {
  for (const [words, kind, names] of [
    [[], "all", []],
    [["vm"], "vm", []],
    [["vm", "a", "b"], "vm", ["a", "b"]],
    [["vm/a", "vm/b"], "vm", ["a", "b"]],
  ] as const) {
    it(JSON.stringify(words), () => assert.deepEqual(targetsOf(words), { kind, names }));
  }
  it("refuses a mixture", () => {
    for (const words of [["vm/a", "b"], ["vm/a", "vmi/a"], ["vm/"]])
      assert.throws(() => targetsOf(words), /mixes/);
  });
});
