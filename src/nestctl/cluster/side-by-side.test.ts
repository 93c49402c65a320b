import assert from "node:assert/strict";
import { LinePrinter, overallCode } from "./side-by-side.ts";

describe("overallCode", () => {
  it("is the largest", () => {
    assert.equal(
      overallCode([
        { name: "a", code: 0 },
        { name: "b", code: 3 },
      ]),
      3,
    );
    assert.equal(overallCode([]), 0);
  });
});

describe("LinePrinter", () => {
  const printed = (collect: boolean): { printer: LinePrinter; text: () => string } => {
    let text = "";
    const sinks = { out: (part: string) => (text += part), err: (part: string) => (text += `!${part}`) };
    return { printer: new LinePrinter("node-0", 8, collect, sinks), text: () => text };
  };
  it("puts the name before each line, whatever parts it came in", () => {
    const { printer, text } = printed(false);
    for (const byte of Buffer.from("ä1\n2")) printer.hear("out", Buffer.of(byte));
    printer.hear("err", Buffer.from("oh\n"));
    printer.end();
    assert.equal(text(), "node-0   | ä1\n!node-0   | oh\nnode-0   | 2\n");
  });
  it("or keeps them until the end", () => {
    const { printer, text } = printed(true);
    printer.hear("out", Buffer.from("1\n2\n"));
    assert.equal(text(), "");
    printer.hear("err", Buffer.from("oh"));
    printer.end();
    assert.equal(text(), "==> node-0 <==\n1\n2\n!oh\n");
  });
});
