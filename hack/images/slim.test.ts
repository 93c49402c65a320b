import assert from "node:assert/strict";
import { lstat, mkdir, mkdtemp, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyKept, parseKeepList } from "./slim.ts";

describe("parseKeepList", () => {
  it("drops comments, blanks and empty lines", () => {
    assert.deepEqual(parseKeepList("# all\n\n usr/bin/a  # why\nusr/share/b\n"), [
      "usr/bin/a",
      "usr/share/b",
    ]);
  });
});

describe("copyKept", () => {
  let folder: string;
  const source = (): string => join(folder, "source");
  const target = (): string => join(folder, "target");
  const list = (): string => join(folder, "keep.txt");

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "slim-"));
    await mkdir(join(source(), "usr/share/b"), { recursive: true });
    await writeFile(join(source(), "usr/share/b/file"), "content");
    await symlink("b/file", join(source(), "usr/share/link"));
    await symlink("usr", join(source(), "alias"));
    await writeFile(join(source(), "usr/share/unwanted"), "");
  });

  afterEach(async () => rm(folder, { recursive: true }));

  it("copies folders whole, and links with what they point to", async () => {
    await writeFile(list(), "usr/share/link\n");
    await copyKept(source(), target(), list());
    assert.equal(await readlink(join(target(), "usr/share/link")), "b/file");
    assert.equal(await readFile(join(target(), "usr/share/b/file"), "utf8"), "content");
    await assert.rejects(lstat(join(target(), "usr/share/unwanted")));
  });

  it("keeps a linked first folder a link", async () => {
    await writeFile(list(), "alias/share/b\n");
    await copyKept(source(), target(), list());
    assert.equal(await readlink(join(target(), "alias")), "usr");
    assert.equal(await readFile(join(target(), "usr/share/b/file"), "utf8"), "content");
  });

  it("names the pattern that matches nothing", async () => {
    await writeFile(list(), "usr/share/gone*\n");
    await assert.rejects(
      copyKept(source(), target(), list()),
      /keep\.txt: no file matches usr\/share\/gone\*/,
    );
  });
});
