import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { filesOf } from "./files-disk.ts";
import { isoArguments } from "./iso.ts";

describe("filesOf", () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "files-disk-"))));
  afterEach(() => rm(folder, { recursive: true }));

  it("are the keys as the kubelet mounts them, without what is its own", async () => {
    const data = join(folder, "..2030_01_01");
    await mkdir(data);
    await symlink("..2030_01_01", join(folder, "..data"));
    for (const name of ["app.conf", ".hidden"]) {
      await writeFile(join(data, name), name);
      await symlink(join("..data", name), join(folder, name));
    }
    assert.deepEqual([...(await filesOf(folder))].sort(), [
      [".hidden", join(folder, ".hidden")],
      ["app.conf", join(folder, "app.conf")],
    ]);
  });

  it("are an empty disk where there are none, as of a ConfigMap that may be missing", async () => {
    const files = await filesOf(folder);
    assert.deepEqual([...files], [["/", folder]]);
    assert.equal(isoArguments("/iso", "cfgdata", files).at(-1), `/=${folder}`);
  });
});
