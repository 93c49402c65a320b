import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { execa } from "execa";
import { binary } from "../../hack/lab/binaries.ts";
import { virtualMachines } from "../../src/api/resources.ts";
import { allGuides } from "../support/guides/guides.ts";
import type { Nestctl } from "../support/nestctl.ts";
import { Terminal } from "../support/terminal.ts";
import type { Cluster } from "./harness/cluster.ts";
import { withNestctl } from "./harness/nestctl.ts";
import { machine } from "./harness/objects.ts";

const CTRL_T = "\x14";
const CTRL_U = "\x15";
const SHOWN_MS = 30_000;

/** A context as a cloud's tool names it: the colon is a mark of its own to zsh. */
const CONTEXT = "arn:aws:lab";

const ZSHRC = `PS1='ready> '
fpath=(~/.zfunc $fpath)
autoload -Uz compinit && compinit -u -D
# Ctrl+T shows the line as it is, without the space that a word is completed with.
shown() { zle -I; print -r -- "[\${BUFFER%% }]" }
zle -N shown
bindkey -e
bindkey '^T' shown
cd ~/work
`;

/** Does what the guide says, and makes a folder with a file that begins as a command does. Gives the PATH. */
async function prepare(nestctl: Nestctl): Promise<string> {
  const path = await nestctl.install(join(nestctl.folder, "bin"));
  const guide = (await allGuides()).find((page) => page.path === "docs/nestctl.md");
  const block = guide?.blocks.find(({ text }) => text.includes("nestctl completion zsh >"));
  const env = { HOME: nestctl.folder, PATH: path };
  await execa("bash", ["-euc", block?.text ?? "exit 1"], { env, extendEnv: false });
  await writeFile(join(nestctl.folder, ".zshrc"), ZSHRC);
  await mkdir(join(nestctl.folder, "work"));
  await writeFile(join(nestctl.folder, "work/start.yaml"), "");
  return [path, dirname(await binary("kubectl"))].join(delimiter);
}

describe("the completion of nestctl", function () {
  this.timeout(120_000);
  let cluster: Cluster;
  let nestctl: Nestctl;
  let namespace: string;
  let path: string | undefined;
  let env: Record<string, string>;

  const { flags } = withNestctl((stage) => ({ cluster, nestctl, namespace } = stage));

  beforeEach(async () => {
    path ??= await prepare(nestctl);
    const kubeconfig = join(nestctl.folder, "kubeconfig");
    env = { HOME: nestctl.folder, PATH: path, KUBECONFIG: kubeconfig };
    const config = JSON.parse(await readFile(cluster.server.kubeconfig, "utf8")) as object;
    const contexts = [{ name: CONTEXT, context: { cluster: "test", user: "admin", namespace } }];
    await writeFile(kubeconfig, JSON.stringify({ ...config, contexts, "current-context": CONTEXT }));
    for (const name of ["alpha", "beta"])
      await cluster.client.create(virtualMachines, machine(namespace, name, "Halted"));
  });

  /** What a shell prints that knows nothing of the person who runs the tests. */
  const inShell = async (shell: string, ...args: string[]): Promise<string> =>
    (await execa(shell, args, { env, extendEnv: false, cwd: join(nestctl.folder, "work") })).stdout;

  it("asks for names where the flags lead", async () => {
    const { output } = await nestctl.try(["__complete", ...flags(), "start", ""]);
    assert.equal(output, "alpha\nbeta\n:4\n");
  });

  it("has contexts also where none is current", async () => {
    const config = JSON.parse(await readFile(env["KUBECONFIG"] ?? "", "utf8")) as object;
    const file = join(nestctl.folder, "without-current");
    await writeFile(file, JSON.stringify({ ...config, "current-context": undefined }));
    const { output } = await nestctl.try(["__complete", "--kubeconfig", file, "--context", ""]);
    assert.equal(output, `${CONTEXT}\n:4\n`);
  });

  it("is taken by bash", async () => {
    const script = [
      "source ~/.local/share/bash-completion/completions/nestctl",
      'COMP_WORDS=(nestctl "$@") COMP_CWORD=$#',
      `_nestctl && printf '%s\n' "\${COMPREPLY[@]}"`,
    ].join("\n");
    const complete = async (...typed: string[]): Promise<string[]> =>
      (await inShell("bash", "-c", script, "bash", ...typed)).split("\n");
    assert.deepEqual(await complete("st"), ["start", "stop"]);
    assert.deepEqual(await complete("restart", ""), ["alpha", "beta"]);
    assert.deepEqual(await complete("restart", "--gr"), ["--grace-period"]);
    assert.deepEqual(await complete("start", "none"), [""]);
  });

  describe("in fish", () => {
    /** Each line is a word, and after a tab what it stands for. */
    const complete = async (line: string, ...before: string[]): Promise<string[]> =>
      (await inShell("fish", "-c", [...before, `complete -C '${line}'`].join("\n"))).split("\n").toSorted();
    const words = async (line: string): Promise<string[]> =>
      (await complete(line)).map((found) => found.replace(/\t.*/, ""));

    it("has words, with what they stand for and without files", async () => {
      const [start = "", stop = "", ...others] = await complete("nestctl st");
      assert.match(start, /^start\t\w+/);
      assert.match(stop, /^stop\t\w+/);
      assert.deepEqual(others, []);
    });

    it("has names from the cluster, also behind a variable", async () => {
      assert.deepEqual(await words("nestctl restart "), ["alpha", "beta"]);
      assert.deepEqual(await words("nestctl restart alpha b"), ["beta"]);
      assert.deepEqual(await words("NUM_NODES=2 nestctl restart a"), ["alpha"]);
      assert.deepEqual(await words("nestctl --context ar"), [CONTEXT]);
    });

    it("has flags, and files where nothing else is known", async () => {
      assert.deepEqual(await words("nestctl restart --gr"), ["--grace-period"]);
      assert.deepEqual(await words("nestctl validate sta"), ["start.yaml"]);
    });

    it("has those of kubectl nest by kubectl's own", async () => {
      const found = await complete("kubectl nest restart a", "kubectl completion fish | source");
      assert.deepEqual(found, ["alpha"]);
    });
  });

  describe("in zsh", () => {
    let zsh: Terminal;
    beforeEach(async () => {
      const own = Object.entries({ ...env, TERM: "xterm" }).map(([name, value]) => `${name}=${value}`);
      zsh = new Terminal(["env", "-i", ...own, "zsh", "-d", "-i"]);
      await zsh.hears(/ready> /, SHOWN_MS);
    });
    afterEach(async () => zsh.kill());

    const becomes = async (typed: string, line: string): Promise<void> => {
      zsh.type(`${CTRL_U}${typed}\t${CTRL_T}`);
      await zsh.hears(new RegExp(RegExp.escape(`[${line}]`)), SHOWN_MS);
    };

    it("has words, names from the cluster, flags, and files where nothing else is known", async () => {
      await becomes("nestctl resta", "nestctl restart");
      await becomes("nestctl restart al", "nestctl restart alpha");
      await becomes("nestctl restart alpha --gr", "nestctl restart alpha --grace-period");
      await becomes("NUM_NODES=2 nestctl restart b", "NUM_NODES=2 nestctl restart beta");
      await becomes("nestctl --context ar", `nestctl --context ${CONTEXT}`);
      await becomes("nestctl validate sta", "nestctl validate start.yaml");
    });

    it("lists what words stand for, with their colons", async () => {
      zsh.type("nestctl st\t");
      await zsh.hears(/start +-- \w[^]*stop +-- \w/, SHOWN_MS);
      zsh.type(`${CTRL_U}nestctl get --\t`);
      await zsh.hears(/--kubeconfig +-- kubeconfig to use \(default: /, SHOWN_MS);
    });

    it("is taken where it is sourced, and by kubectl's own for kubectl nest", async () => {
      const source = "source <(nestctl completion zsh) && source <(kubectl completion zsh)";
      zsh.type(`unfunction _nestctl; ${source} && print so''urced\r`);
      await zsh.hears(/sourced[^]*ready> /, SHOWN_MS);
      await becomes("nestctl restart al", "nestctl restart alpha");
      await becomes("kubectl nest restart al", "kubectl nest restart alpha");
    });
  });
});
