import assert from "node:assert/strict";
import { ConsoleText, LONGEST_LINE } from "./console-text.ts";

const esc = "\u001b";

function linesOf(...chunks: (string | Buffer)[]): string[] {
  const text = new ConsoleText();
  return [...chunks.flatMap((chunk) => text.lines(Buffer.from(chunk))), ...text.flush()];
}

describe("ConsoleText", () => {
  const table: readonly (readonly [string, readonly (string | Buffer)[], readonly string[]])[] = [
    ["gives whole lines", ["one\r\ntwo\r\n"], ["one", "two"]],
    ["puts lines together", ["o", "ne\r", "\ntw", "o\n"], ["one", "two"]],
    ["gives the last line without its end", ["one\nlogin: "], ["one", "login:"]],
    ["leaves out empty lines", ["\n\r\n  \none\n"], ["one"]],
    ["keeps indentation and tabs", ["  a\tb\n"], ["  a\tb"]],
    ["leaves out colours", [`${esc}[0;32m  OK  ${esc}[0m Started.\n`], ["  OK   Started."]],
    ["leaves out a clearing of the screen", [`${esc}[2J${esc}[1;1Hhello${esc}c\n`], ["hello"]],
    ["leaves out titles", [`${esc}]0;rm -rf\u0007a${esc}]2;x${esc}\\b\n`], ["ab"]],
    ["leaves out what makes a terminal answer", [`${esc}[6na${esc}[>cb${esc}P$qm${esc}\\c\n`], ["abc"]],
    ["leaves out one that was cut in two", [`a${esc}`, "[31mb\n"], ["ab"]],
    ["leaves out bells, backspaces and nulls", ["a\u0007\b\0b\u007f\u009b31mc\n"], ["ab31mc"]],
    ["leaves out what turns the direction of text", ["a\u202eb\u2066c\n"], ["abc"]],
    ["shows what was written last over a line", ["10%\r20%\r100%\r\n"], ["100%"]],
    ["reads UTF-8", [Buffer.from([0xc3]), Buffer.from([0xa9, 0x0a])], ["é"]],
    ["shows that bytes are not UTF-8", [Buffer.from([0x61, 0xff, 0x62, 0x0a])], ["a\ufffdb"]],
  ];
  for (const [title, chunks, expected] of table) {
    it(title, () => assert.deepEqual(linesOf(...chunks), expected));
  }

  it("cuts a long line once, and goes on with the next", () => {
    const long = "x".repeat(LONGEST_LINE + 1);
    const expected = [`${"x".repeat(LONGEST_LINE)} …`, "next"];
    assert.deepEqual(linesOf(`${long}\nnext\n`), expected);
    assert.deepEqual(linesOf(long, long, "x", "\nnext\n"), expected);
  });

  it("keeps no more of a line without an end than it shows", () => {
    const text = new ConsoleText();
    let told = 0;
    for (let i = 0; i < 1000; i++) told += text.lines(Buffer.from("y".repeat(1024))).length;
    assert.equal(told, 1);
    assert.deepEqual(text.flush(), []);
  });
});
