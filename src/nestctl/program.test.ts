import assert from "node:assert/strict";
import type { Command } from "commander";
import { makeProgram } from "./program.ts";

describe("the program", () => {
  const all = makeProgram().commands.length;
  const table: [string, string[] | "all"][] = [
    ["get vm web -o yaml", ["get"]],
    ["-n get logs web --tail 3", ["logs"]],
    ["--as-group=a --as-group b port-forward web 80", ["port-forward"]],
    ["cluster exec lab -- get", ["cluster"]],
    ["", "all"],
    ["--help", "all"],
    ["--help get", "all"],
    ["help get", "all"],
    ["clusters get", "all"],
    ["-n get", "all"],
    ["fly get", "all"],
    ["constructor", "all"],
  ];
  for (const [line, wanted] of table) {
    it(`defines ${wanted === "all" ? "all commands" : wanted.join()} for: ${line}`, () => {
      const { commands } = makeProgram("nestctl", line === "" ? [] : line.split(" "));
      if (wanted === "all") assert.equal(commands.length, all);
      else
        assert.deepEqual(
          commands.map((command) => command.name()),
          wanted,
        );
    });
  }

  it("shows examples with the help of each command", () => {
    const leaves = (command: Command): Command[] =>
      command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
    for (const command of leaves(makeProgram())) {
      let help = "";
      command.configureOutput({ writeOut: (text) => (help += text) });
      command.outputHelp();
      assert.match(help, /\nExamples?:\n {2}(source <\(|\w+=\w+ )*nestctl /, command.name());
    }
  });

  it("has the same help for a command that is defined alone", () => {
    const helpOf = (words: string[]): string | undefined =>
      makeProgram("nestctl", words)
        .commands.find((command) => command.name() === "ssh")
        ?.helpInformation();
    assert.equal(helpOf(["ssh"]), helpOf([]));
  });
});
