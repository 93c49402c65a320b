import assert from "node:assert/strict";
import { parse } from "yaml";
import { entryText, rowOf, shownEntry } from "./entries.ts";

const flags = { image: "r.example/x:1", kubernetes: ["v1.36.3"] };

describe("entryText", () => {
  it("has what was given and nothing else", () => {
    assert.deepEqual(parse(entryText("x", flags)), { image: "r.example/x:1", versions: ["v1.36.3"] });
    const all = { ...flags, payload: "r.example/p:1", flavour: "flatcar", ignition: "3.4.0", default: true };
    assert.deepEqual(parse(entryText("x", all)), {
      default: true,
      image: "r.example/x:1",
      payload: "r.example/p:1",
      versions: ["v1.36.3"],
      ignition: { flavour: "flatcar", version: "3.4.0" },
    });
  });
  it("may be for all names of a pattern", () => {
    const rule = { match: "lab-(.*)", image: "r.example/x:$1", kubernetes: ["v$1"] };
    assert.deepEqual(parse(entryText("x", rule)), {
      match: "lab-(.*)",
      image: "r.example/x:$1",
      versions: ["v$1"],
    });
  });
  for (const [title, name, change, message] of [
    ["a pattern that is none", "x", { match: "(" }, /match is no regular expression/],
    ["a name that no spec.image could have", "a/b", {}, /"a\/b" is no name/],
    ["an image that is a name", "x", { image: "fedora" }, /image is "fedora"/],
    [
      "a URL",
      "x",
      { image: "https://a.example/b.img" },
      /image is "https:\/\/a.example\/b.img", a URL; give the reference of an image in a registry/,
    ],
    ["a version without a patch", "x", { kubernetes: ["1.36"] }, /versions is \["1.36"\]/],
    ["an unknown system", "x", { flavour: "arch" }, /ignition.flavour is "arch"; use coreos-lab/],
    ["configs that are too old", "x", { ignition: "2.3.0" }, /ignition.version is "2.3.0"/],
  ] as const) {
    it(`refuses ${title}`, () => {
      assert.throws(() => entryText(name, { ...flags, ...change } as never), { exitCode: 2, message });
    });
  }
});

describe("the default", () => {
  const says = "default: true\nimage: a/b:1\nversions: [v1.36.3]\n";
  const table: [string, string, string | undefined, boolean][] = [
    ["is what says so", says, undefined, true],
    ["is not what does not", says.replace("default: true\n", ""), undefined, false],
    ["is what the annotation names", says.replace("default: true\n", ""), "x", true],
    ["is not what says so where the annotation names another", says, "y", false],
  ];
  for (const [title, text, chosen, wanted] of table) {
    it(title, () => {
      assert.equal(rowOf("x", text, chosen)[1], wanted ? "yes" : "");
      const { default: shown = false } = shownEntry("x", text, chosen) as { default?: boolean };
      assert.equal(shown, wanted);
    });
  }
});

describe("rowOf", () => {
  it("shows an entry, or what is wrong with it", () => {
    assert.deepEqual(rowOf("x", "image: a/b:1\nversions: [v1.36.3, v1.36.10]"), [
      "x",
      "",
      "v1.36.10,v1.36.3",
      "coreos-lab",
      "a/b:1",
      "",
    ]);
    const rule = "match: lab-(.*)\nimage: a/b:$1\nversions: [v$1]";
    assert.deepEqual(rowOf("x", rule).slice(0, 3), ["x (lab-(.*))", "", "v$1"]);
    assert.match(rowOf("x", "versions: [v1.36.3]")[4] ?? "", /cannot be used: image is missing/);
    assert.match(rowOf("x", "image: [")[4] ?? "", /cannot be used: /);
  });
});
