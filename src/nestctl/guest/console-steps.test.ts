import assert from "node:assert/strict";
import { Ear, Keys, nextStep } from "./console-steps.ts";

const said = (text: string): string | undefined => {
  const ear = new Ear();
  for (const part of text.match(/.{1,7}/gs) ?? []) ear.hear(Buffer.from(part));
  return ear.lastWord;
};

describe("what a console said last", () => {
  it("is Nestlet's word at the very end", () => {
    assert.equal(said("login: \r\n[nestlet: the guest has ended]\r\n"), "the guest has ended");
  });
  it("is not what a guest says in between", () => {
    assert.equal(said("\r\n[nestlet: the guest has ended]\r\nlogin: "), undefined);
    assert.equal(said("[nestlet: x]"), undefined);
  });
});

describe("keys", () => {
  const typing = (raw: boolean): { keys: Keys; heard: string[] } => {
    const keys = new Keys(raw);
    const heard: string[] = [];
    keys.attach(
      (data) => heard.push(data.toString()),
      () => heard.push("(end)"),
    );
    return { keys, heard };
  };
  it("of a terminal reach the guest until the escape", () => {
    const { keys, heard } = typing(true);
    keys.typed(Buffer.from("\x03ls\r"));
    keys.typed(Buffer.from("a\x1db"));
    keys.leave();
    assert.deepEqual(heard, ["\x03ls\r", "a", "(end)"]);
    assert.equal(keys.left, true);
  });
  it("of a pipe are all the guest's", () => {
    const { keys, heard } = typing(false);
    keys.typed(Buffer.from("a\x1db"));
    assert.deepEqual(heard, ["a\x1db"]);
  });
  it("are nobody's while nothing is attached", () => {
    const keys = new Keys(true);
    keys.typed(Buffer.from("lost"));
    keys.typed(Buffer.from("\x1d"));
    const heard: string[] = [];
    keys.attach(
      (data) => heard.push(data.toString()),
      () => heard.push("(end)"),
    );
    assert.deepEqual(heard, ["(end)"]);
  });
});

describe("when a connection to a console ends", () => {
  const broken = new Error("the connection to the pod ended");
  const rows: readonly (readonly [string, Partial<Parameters<typeof nextStep>[0]>, string])[] = [
    ["a person who left is let go", { ended: broken, left: true }, "leave"],
    [
      "one who was taken over is, too",
      { said: "another console took over; attach again to take it back" },
      "leave",
    ],
    ["a guest's end is the end", {}, "leave"],
    ["or the wait for the next run", { follow: true }, "next run"],
    [
      "a guest's end is known though the connection broke",
      { ended: broken, said: "the guest has ended" },
      "leave",
    ],
    ["a broken connection is made again", { ended: broken }, "reconnect"],
    ["unless that is not wanted", { ended: broken, reconnect: false }, "leave"],
  ];
  for (const [title, end, step] of rows) {
    it(title, () => {
      assert.equal(
        nextStep({ ended: undefined, left: false, said: undefined, reconnect: true, ...end }),
        step,
      );
    });
  }
});
