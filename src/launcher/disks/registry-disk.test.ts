import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StartError } from "../start-error.ts";
import { findDiskFile, onlyFile } from "./registry-disk.ts";

describe("onlyFile", () => {
  it("is the one file in /disk", () => assert.equal(onlyFile("i", ["a.img"]), "/disk/a.img"));
  it("refuses none and several", () => {
    assert.throws(() => onlyFile("i", []), /^Error: registry disk i: has an empty folder \/disk/);
    assert.throws(
      () => onlyFile("i", ["b", "a"]),
      /has 2 files in \/disk \(a, b\); leave one, or name it by path/,
    );
  });
});

describe("findDiskFile", () => {
  let image: string;
  beforeEach(async () => (image = await mkdtemp(join(tmpdir(), "registry-disk-"))));
  afterEach(() => rm(image, { recursive: true }));

  const source = (path?: string): Parameters<typeof findDiskFile>[0] => ({
    kind: "RegistryDisk",
    image: "example.org/disk:1",
    mountPath: image,
    ...(path === undefined ? {} : { path }),
  });
  const refused = (message: RegExp) => (error: unknown) =>
    error instanceof StartError &&
    error.message.startsWith("registry disk example.org/disk:1: ") &&
    message.test(error.message);

  it("finds the only file", async () => {
    await mkdir(join(image, "disk"));
    await writeFile(join(image, "disk/a.img"), "");
    assert.equal(await findDiskFile(source()), join(image, "disk/a.img"));
  });
  it("finds a file by its path, through links that stay inside", async () => {
    await writeFile(join(image, "a.img"), "");
    await symlink("a.img", join(image, "b.img"));
    assert.equal(await findDiskFile(source("/b.img")), join(image, "a.img"));
  });
  it("refuses an image without /disk", async () => {
    await assert.rejects(findDiskFile(source()), refused(/has no folder \/disk; a registry disk is/));
  });
  it("refuses a path that is not there", async () => {
    await assert.rejects(findDiskFile(source("/x.img")), refused(/has no file \/x.img/));
  });
  it("refuses links and paths that lead out of the image", async () => {
    await symlink("/etc/passwd", join(image, "out"));
    await assert.rejects(findDiskFile(source("/out")), refused(/leaves the image/));
    await assert.rejects(findDiskFile(source("/../../etc/passwd")), refused(/leaves the image|has no file/));
  });
  it("refuses folders", async () => {
    await mkdir(join(image, "d"));
    await assert.rejects(findDiskFile(source("/d")), refused(/not a regular file/));
  });
});
