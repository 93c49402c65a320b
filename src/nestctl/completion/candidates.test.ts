import assert from "node:assert/strict";
import { makeProgram } from "../program.ts";
import { candidatesFor } from "./candidates.ts";

describe("candidatesFor", () => {
  const program = makeProgram();
  const words = (...typed: string[]): string[] => candidatesFor(program, typed).words.map(({ word }) => word);
  const names = (...typed: string[]): string | undefined => candidatesFor(program, typed).names;

  it("has every command at the beginning", () => {
    for (const word of ["get", "start", "console", "cluster", "validate"])
      assert.ok(words("").includes(word), word);
  });
  it("has the subcommands of a group", () => assert.ok(words("cluster", "").includes("inventory")));
  it("has options of the command and of the program", () => {
    const found = words("stop", "web", "--");
    for (const word of ["--force", "--namespace", "--help"]) assert.ok(found.includes(word), word);
    assert.ok(!found.includes("--output"));
  });
  it("has the choices of an option and of an argument", () => {
    assert.deepEqual(words("get", "vm", "-o", ""), ["json", "yaml", "name", "wide"]);
    assert.deepEqual(words("completion", ""), ["bash", "zsh", "fish"]);
  });
  it("has kinds where an object is named", () =>
    assert.deepEqual(words("get", ""), ["vm", "vmi", "cluster"]));
  for (const [typed, kind] of [
    [["start", ""], "vm"],
    [["start", "web", ""], "vm"],
    [["console", "-n", "prod", ""], "vm"],
    [["get", "clusters", ""], "cluster"],
    [["get", "vm", ""], "vm"],
    [["cluster", "nodes", ""], "cluster"],
    [["wait", "cluster", ""], "cluster"],
    [["-n", ""], "namespace"],
    [["get", "--context", ""], "context"],
    [["create", "vm", ""], undefined],
    [["image", "remove", ""], undefined],
    [["ssh", ""], "vm"],
    [["console", "web", ""], undefined],
  ] as const) {
    it(`${typed.join(" ")}_ is a ${String(kind)}`, () => assert.equal(names(...typed), kind));
  }
  it("asks where the flags before it lead", () => {
    const { globals } = candidatesFor(program, ["--context=lab", "-n", "prod", "start", ""]);
    assert.deepEqual(globals, { context: "lab", namespace: "prod" });
  });
});
