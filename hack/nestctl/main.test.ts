import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { buildNestctl } from "./main.ts";

describe("the package of nestctl", function () {
  this.timeout(180_000);
  let folder: string;
  let bin: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "nestctl-package-"));
    bin = join(folder, "prefix/bin");
    await buildNestctl(join(folder, "nestctl"));
  });
  after(async () => rm(folder, { recursive: true }));

  const run = async (program: string, ...words: string[]): Promise<string> => {
    const env = { PATH: `${bin}:${process.env["PATH"] ?? ""}`, HOME: folder };
    const { stdout } = await execa(program, words, { cwd: folder, env, extendEnv: false });
    return stdout;
  };

  it("holds the program, the CRDs and the licence, and nothing else", async () => {
    const [packed] = JSON.parse(await run("npm", "pack", "--json", join(folder, "nestctl"))) as [
      { filename: string; files: { path: string }[] },
    ];
    const paths = packed.files.map(({ path }) => path);
    const parts = /^lib\/[\w.-]+\.mjs$/;
    assert.deepEqual(paths.filter((path) => !parts.test(path)).toSorted(), [
      "LICENSE",
      "kubectl-nest.mjs",
      "kubectl_complete-nest.mjs",
      "lib/crds/coreoscluster.yaml",
      "lib/crds/virtualmachine.yaml",
      "lib/crds/virtualmachineinstance.yaml",
      "nestctl.mjs",
      "package.json",
    ]);
    assert.ok(paths.includes("lib/main.mjs"));
  });

  it("runs where it was installed, by each of its names", async () => {
    const [file] = await Array.fromAsync((await import("node:fs/promises")).glob("*.tgz", { cwd: folder }));
    await run("npm", "install", "--offline", "--global", "--prefix", join(folder, "prefix"), file ?? "");
    assert.match(await run("nestctl", "--help"), /^Usage: nestctl /);
    assert.match(await run("kubectl-nest", "--help"), /^Usage: kubectl nest /);
    assert.match(await run("kubectl_complete-nest", "completion", ""), /^bash\b/);
    const manifest = await run("nestctl", "create", "vm", "web", "--image", "x/y:1");
    const { stdout } = await execa(join(bin, "nestctl"), ["validate", "-"], {
      input: manifest,
      env: { HOME: folder },
    });
    assert.equal(stdout, "1 object(s) are valid");
  });
});
