import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { ApiError } from "../../kube/api-error.ts";
import { below, writeArchive, type Part } from "./archive.ts";

describe("an archive", () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "nestctl-archive-"));
    file = join(folder, "a.tar.gz");
  });
  afterEach(async () => rm(folder, { recursive: true }));

  const part = (name: string, content: string): Part => ({ name, content: () => Promise.resolve(content) });
  const tar = async (...words: string[]): Promise<string> => (await execa("tar", words)).stdout;

  it("has all parts in its folder, and is for its owner alone", async () => {
    await writeArchive(file, "lab", async (add) => {
      await add([part("cluster.yaml", "a: 1")]);
      await add(below("node-0", [part("x.log", "a line"), part("empty", "")]));
    });
    assert.equal(await tar("-tzf", file), "lab/cluster.yaml\nlab/node-0/x.log\nlab/node-0/empty");
    assert.equal(await tar("-xzOf", file, "lab/node-0/x.log"), "a line");
    assert.equal((await stat(file)).mode & 0o777, 0o600);
  });

  it("says in a part why that could not be had", async () => {
    const gone = new ApiError(404, "NotFound", 'pods "x" not found');
    await writeArchive(file, "lab", async (add) =>
      add([{ name: "x.log", content: () => Promise.reject(gone) }, part("y", "there")]),
    );
    assert.match(await tar("-xzOf", file, "lab/x.log"), /^could not be had: .*not found/);
    assert.equal(await tar("-xzOf", file, "lab/y"), "there");
  });

  it("is not there when it could not be finished", async () => {
    const failed = writeArchive(file, "lab", async (add) => {
      await add([part("a", "b")]);
      throw new Error("the cluster is gone");
    });
    await assert.rejects(failed, /the cluster is gone/);
    assert.ok(!existsSync(file));
  });

  it("tells what is wrong with its file, however late its parts come, and leaves that alone", async () => {
    const late = async (path: string): Promise<void> =>
      writeArchive(path, "lab", async (add) => {
        await sleep(50);
        await add([part("a", "b")]);
      });
    await assert.rejects(late(join(folder, "none/a.tar.gz")), /ENOENT.*none/);
    await mkdir(file);
    await assert.rejects(late(file), /EISDIR/);
    assert.ok(existsSync(file));
  });
});
