import assert from "node:assert/strict";
import { pageOf, type Block } from "./page.ts";

const block = (line: number, info: string, text: string): Block => {
  const [language = "", ...words] = info.split(" ");
  return { line, language, words: words.filter((word) => word !== ""), text };
};

describe("the blocks of a page", () => {
  const table: [string, string, Block[]][] = [
    ["none", "# a\n\ntext", []],
    ["one", "a\n\n```sh\nls\n```\n", [block(3, "sh", "ls\n")]],
    ["words", "```sh  no-run \nls\n```", [block(1, "sh no-run", "ls\n")]],
    ["no language", "```\nx\n```", [block(1, "", "x\n")]],
    ["empty", "```sh\n```", [block(1, "sh", "")]],
    ["two", "```sh\na\n```\n\n```yaml\nb\n```", [block(1, "sh", "a\n"), block(5, "yaml", "b\n")]],
    ["in a list", "- x:\n\n  ```sh\n  a\n    b\n\n  c\n  ```", [block(3, "sh", "a\n  b\n\nc\n")]],
    ["a longer fence", "````md\n```sh\nx\n```\n````", [block(1, "md", "```sh\nx\n```\n")]],
    ["of tildes", "~~~sh\n```\n~~~", [block(1, "sh", "```\n")]],
    ["code in a line", "```a``` is no fence", []],
  ];
  for (const [title, text, wanted] of table)
    it(`are found: ${title}`, () => assert.deepEqual(pageOf(text).blocks, wanted));

  it("end", () => assert.throws(() => pageOf("a\n```sh\nls\n"), /line 2: the fence is not closed/));
});

describe("the headings of a page", () => {
  it("are not in code, and lose closing marks", () => {
    assert.deepEqual(pageOf("# A `b` #\n\n```sh\n# no\n```\n## C\n#no").headings, ["A `b`", "C"]);
  });
});

describe("the links of a page", () => {
  const table: [string, string[]][] = [
    ["see [a](b.md) and [c](d.md#e)", ["b.md", "d.md#e"]],
    ["![p](p.png)", ["p.png"]],
    ['[a](b.md "title") [`x`](<c.md>)', ["b.md", "c.md"]],
    ["`[a](b.md)` is code", []],
    ["``a ` [b](c.md)``", []],
    ["[a]: b.md", ["b.md"]],
    ["```md\n[a](b.md)\n```", []],
  ];
  for (const [text, wanted] of table) {
    it(`are found in ${JSON.stringify(text)}`, () =>
      assert.deepEqual(
        pageOf(text).links.map(({ target }) => target),
        wanted,
      ));
  }
});
