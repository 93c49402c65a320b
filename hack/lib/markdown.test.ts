import assert from "node:assert/strict";
import { anchorOf, anchorsOf, codeOf, proseOf, tableOf } from "./markdown.ts";

describe("Markdown", () => {
  const proses: [string, string][] = [
    ["a  b\nc ", "a b c"],
    ["the Secret `<c>-ca` of <name>", "the Secret `<c>-ca` of \\<name\\>"],
    ["a_b * [c] | d", "a\\_b \\* \\[c\\] \\| d"],
    ["a lone ` backtick", "a lone \\` backtick"],
    ["C:\\x", "C:\\\\x"],
  ];
  for (const [text, wanted] of proses)
    it(`shows ${JSON.stringify(text)} as it is`, () => assert.equal(proseOf(text), wanted));

  const codes: [string, string][] = [
    ["a|b", "`a|b`"],
    ["a`b", "``a`b``"],
    ["`a", "`` `a ``"],
  ];
  for (const [text, wanted] of codes)
    it(`has the code ${text} whole`, () => assert.equal(codeOf(text), wanted));

  it("keeps bars in cells", () => {
    assert.equal(tableOf(["a", "b"], [["`x|y`", "z\\|"]]), "| a | b |\n| --- | --- |\n| `x\\|y` | z\\| |");
  });

  const anchors: [string, string][] = [
    ["Try it: one command", "try-it-one-command"],
    ["`nestctl` and kubectl", "nestctl-and-kubectl"],
    [
      "VirtualMachineInstance `spec.volumes[].registryDisk`",
      "virtualmachineinstance-specvolumesregistrydisk",
    ],
    ["See [the page](other.md#x)", "see-the-page"],
    ["a_b – c", "a_b--c"],
    ["Größe", "größe"],
  ];
  for (const [heading, anchor] of anchors)
    it(`links to "${heading}"`, () => assert.equal(anchorOf(heading), anchor));

  it("numbers a heading that comes again", () => {
    assert.deepEqual(anchorsOf(["A", "b", "a", "A!"]), ["a", "b", "a-1", "a-2"]);
  });
});
