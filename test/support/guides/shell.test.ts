import assert from "node:assert/strict";
import { commandsOf, programOf, typedIn } from "./shell.ts";

describe("the commands of a shell text", () => {
  const table: [string, string[][]][] = [
    ["a b\nc", [["a", "b"], ["c"]]],
    ["a b # c\n# d\ne#f", [["a", "b"], ["e#f"]]],
    ["a \\\n  b", [["a", "b"]]],
    [`a 'b "c' "d 'e" f\\ g ""`, [["a", 'b "c', "d 'e", "f g", ""]]],
    ["a | b && c || d; e &", [["a"], ["b"], ["c"], ["d"], ["e"]]],
    ["a > x 2>&1 2>/dev/null < y b", [["a", "b"]]],
    ["a &> x\nb >x", [["a"], ["b"]]],
    [
      "x=$(a b) c",
      [
        ["a", "b"],
        ["x=$(a b)", "c"],
      ],
    ],
    [
      'c "$(a "b c")/d"',
      [
        ["a", "b c"],
        ["c", '$(a "b c")/d'],
      ],
    ],
    [
      "c `a b`",
      [
        ["a", "b"],
        ["c", "`a b`"],
      ],
    ],
    [
      "c <(a b) d",
      [
        ["a", "b"],
        ["c", "<(a b)", "d"],
      ],
    ],
    ["(a; b)", [["a"], ["b"]]],
    ["a ${b:-c d} $((1 + 2))", [["a", "${b:-c d}", "$((1 + 2))"]]],
    ["a <<EOF | b\nnot me\nEOF\nc", [["a"], ["b"], ["c"]]],
    ["a <<-'END'\n\tnot me\n\tEND\nb", [["a"], ["b"]]],
    ["a <<<$b c", [["a", "c"]]],
    ["a -o jsonpath='{.x}' --", [["a", "-o", "jsonpath={.x}", "--"]]],
  ];
  for (const [text, wanted] of table)
    it(`are those of ${JSON.stringify(text)}`, () => assert.deepEqual(commandsOf(text), wanted));
});

describe("the program of a command", () => {
  const table: [string, string[] | undefined][] = [
    ["a b", ["a", "b"]],
    ["X=1 Y= a b", ["a", "b"]],
    ["X=1", undefined],
    ["if ! a", ["a"]],
    ["sudo env X=1 a", ["a"]],
    ["timeout 60s a b", ["a", "b"]],
  ];
  for (const [text, wanted] of table)
    it(`is found in ${text}`, () => assert.deepEqual(programOf(text.split(" ")), wanted));
});

describe("what is typed in a dialogue", () => {
  const table: [string, string][] = [
    ["$ a\nshown\n$ b", "a\nb\n"],
    ["$ a \\\n    b\nshown", "a \\\n    b\n"],
    ["$ a \\\n> b\nshown", "a \\\nb\n"],
    ["shown $ a", ""],
  ];
  for (const [text, wanted] of table)
    it(`is ${JSON.stringify(wanted)}`, () => assert.equal(typedIn(text), wanted));
});
