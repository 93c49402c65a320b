import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { execa } from "execa";
import { anchorsOf } from "../../../hack/lib/markdown.ts";
import { repoRoot } from "../../../hack/lib/paths.ts";
import { allGuides, followedGuides, leadsAway, runOf, shellBlocks, useOf, type Guide } from "./guides.ts";
import { faultOf, nestctlLines } from "./nestctl-line.ts";
import { pageOf, type Block } from "./page.ts";
import { commandsOf, typedIn } from "./shell.ts";

describe("how a guide is run", () => {
  const table: [string, string][] = [
    ["```yaml\na: 1\n```", "none"],
    ["```sh no-run\na\n```", "none"],
    ["```sh\na\n```\n```sh no-run\nb\n```", "end to end"],
    ["```sh\na\n```\n```sh guest\nb\n```", "long"],
    ["```console\n$ a\n```", "none"],
  ];
  for (const [text, wanted] of table)
    it(`is ${wanted}: ${JSON.stringify(text)}`, () => assert.equal(runOf(pageOf(text)), wanted));

  it("is one of three ways", () => {
    const [block] = pageOf("```sh norun\na\n```").blocks;
    assert.throws(
      () => useOf(block as Block),
      /"sh norun" is no kind of block; write sh, sh guest or sh no-run/,
    );
  });
});

describe("a block that leads away from the lab as it is", () => {
  const table: [string, boolean][] = [
    ["kubectl get vm\nhack/lab.sh up --demo", true],
    ["hack/lab.sh status", false],
    ["hack/test.sh", true],
    ["helm install nestlet deploy/chart", true],
    ["helm test nestlet", false],
    ["export KUBECONFIG=x PATH=y", true],
    ["export PATH=y KUBECONFIG=x", true],
    ["KUBECONFIG=x kubectl get pods", false],
    ["kubectl delete crd x", true],
    ["kubectl delete vm --all -A", true],
    ["kubectl delete vm web", false],
    ["kubectl get vm -A", false],
  ];
  for (const [text, wanted] of table) {
    it(`is ${wanted ? "one" : "none"}: ${JSON.stringify(text)}`, () => {
      assert.equal(leadsAway({ line: 1, language: "sh", words: [], text }) !== undefined, wanted);
    });
  }
});

describe("the guides", function () {
  this.timeout(60_000);
  let guides: Guide[];
  before(async () => {
    guides = await allGuides();
  });

  /** Fails with all of what was found, each with its place. */
  const none = (faults: readonly string[]): void => {
    if (faults.length > 0) assert.fail(`${String(faults.length)} in the guides:\n${faults.join("\n")}`);
  };
  const place = ({ path }: Guide, { line }: { line: number }): string => `${path}:${String(line)}`;
  /** What somebody would type: blocks to be run and dialogues. */
  const typed = (): { at: string; text: string }[] =>
    guides.flatMap((guide) =>
      guide.blocks.flatMap((block) => {
        if (block.language !== "sh" && block.language !== "console") return [];
        const text = block.language === "sh" ? block.text : typedIn(block.text);
        return [{ at: place(guide, block), text }];
      }),
    );

  it("are there", () => assert.ok(guides.some(({ path }) => path === "README.md") && guides.length > 10));

  it("name the language of shell blocks as the others do", () => {
    const others = /^(bash|shell|zsh|shell-session)$/;
    none(
      guides.flatMap((guide) =>
        guide.blocks.flatMap((block) =>
          others.test(block.language)
            ? [`${place(guide, block)}: ${block.language}; write sh, or console for a dialogue`]
            : [],
        ),
      ),
    );
    for (const guide of guides) shellBlocks(guide);
  });

  it("are run without setting up or ending the lab", async () => {
    const faults = (await followedGuides()).flatMap((guide) =>
      shellBlocks(guide).flatMap(({ block, use }) => {
        const command = use === "read" ? undefined : leadsAway(block);
        return command === undefined ? [] : [`${place(guide, block)}: ${command}; write sh no-run`];
      }),
    );
    none(faults);
  });

  it("show dialogues in which something is typed", () => {
    none(
      guides.flatMap((guide) =>
        guide.blocks.flatMap((block) =>
          block.language === "console" && typedIn(block.text) === ""
            ? [`${place(guide, block)}: no line begins with "$ "; write text for what is only shown`]
            : [],
        ),
      ),
    );
  });

  it("have shell blocks that bash can read", async () => {
    const faults: string[] = [];
    for (const { at, text } of typed()) {
      const { exitCode, stderr } = await execa("bash", ["-n"], { input: text, reject: false });
      if (exitCode !== 0) faults.push(`${at}: ${stderr}`);
    }
    none(faults);
  });

  it("call nestctl with words that it knows", async () => {
    const faults: string[] = [];
    let count = 0;
    for (const { at, text } of typed()) {
      for (const args of nestctlLines(text)) {
        const fault = await faultOf(args);
        count++;
        if (fault !== undefined) faults.push(`${at}: nestctl ${args.join(" ")}: ${fault}`);
      }
    }
    none(faults);
    assert.ok(count > 50, `only ${String(count)} were found`);
  });

  it("name files of the repository that exist", () => {
    const faults = typed().flatMap(({ at, text }) =>
      commandsOf(text)
        .flat()
        .filter((word) => /^(\.\/)?(examples|hack|deploy|crds|docs|test)\/[\w./-]*$/.test(word))
        .filter((word) => !existsSync(join(repoRoot, word)))
        .map((word) => `${at}: there is no ${word}`),
    );
    none(faults);
  });

  it("are all found from an index, as is each example", async () => {
    const examples = await readdir(join(repoRoot, "examples"));
    const pages = guides.map(({ path }) => path);
    const indices: [string, string[]][] = [
      ["README.md", pages.filter((path) => /^(docs\/)?[^/]+\.md$/.test(path))],
      ["docs/decisions/README.md", pages.filter((path) => path.startsWith("docs/decisions/"))],
      ["examples/README.md", examples.map((name) => `examples/${name}`)],
    ];
    for (const [index, wanted] of indices) {
      const { links = [] } = guides.find(({ path }) => path === index) ?? {};
      const found = new Set(links.map(({ target }) => normalize(join(dirname(index), target))));
      none(
        wanted.filter((path) => path !== index && !found.has(path)).map((path) => `${path}: not in ${index}`),
      );
    }
  });

  it("link to pages and headings that exist", async () => {
    const faults: string[] = [];
    for (const guide of guides) {
      for (const link of guide.links) {
        const fault = await deadEnd(guide.path, link.target);
        if (fault !== undefined) faults.push(`${place(guide, link)}: ${link.target}: ${fault}`);
      }
    }
    none(faults);
  });
});

/** What is wrong with a relative link; those to other sites are not looked at. */
async function deadEnd(from: string, target: string): Promise<string | undefined> {
  if (/^[a-z][a-z+.-]*:/i.test(target)) return undefined;
  const [file = "", anchor] = target.split("#");
  const path = file === "" ? from : normalize(join(dirname(from), decodeURIComponent(file)));
  if (path.startsWith("..") || !existsSync(join(repoRoot, path))) return `there is no ${path}`;
  if (anchor === undefined || !path.endsWith(".md")) return undefined;
  const { headings } = pageOf(await readFile(join(repoRoot, path), "utf8"));
  return anchorsOf(headings).includes(decodeURIComponent(anchor)) ? undefined : `${path} has no such heading`;
}
