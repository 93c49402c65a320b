import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command } from "../command.ts";
import { StartError } from "../start-error.ts";
import { keptOverlay, type Base } from "./kept-overlay.ts";

const MiB = 2 ** 20;

/** With the machine's own qemu-img, which the images are built with. */
describe("keptOverlay", () => {
  let folder: string;
  let claim: { claimName: string; path: string };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "kept-overlay-"));
    claim = { claimName: "root", path: join(folder, "claim") };
    await mkdir(claim.path);
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function base(content: string, name = "base.img", image = "example.org/os:1"): Promise<Base> {
    const file = join(folder, name);
    await writeFile(file, Buffer.alloc(MiB, content));
    return { image, file, format: "raw" };
  }
  async function infoOf(file: string): Promise<Record<string, unknown>> {
    return JSON.parse(await command("qemu-img", ["info", "-U", "--output=json", file])) as Record<
      string,
      unknown
    >;
  }
  const refused = (message: RegExp) => (error: unknown) =>
    error instanceof StartError &&
    error.message.startsWith("claim root: overlay.qcow2 ") &&
    message.test(error.message);

  it("is made once, and the same afterwards", async () => {
    const os = await base("os");
    const file = await keptOverlay(claim, os, 2 * MiB);
    assert.deepEqual((await readdir(claim.path)).sort(), ["overlay.json", "overlay.qcow2"]);
    const before = await readFile(file);
    assert.equal(await keptOverlay(claim, os, MiB), file);
    assert.deepEqual(await readFile(file), before);
    const info = await infoOf(file);
    assert.deepEqual([info["virtual-size"], info["backing-filename"]], [2 * MiB, os.file]);
  });

  it("goes over the same disk in another place, under another image's name", async () => {
    const file = await keptOverlay(claim, await base("os"), MiB);
    const moved = await base("os", "moved.img", "mirror.example/os:1");
    await keptOverlay(claim, moved, MiB);
    assert.equal((await infoOf(file))["backing-filename"], moved.file);
    const record = JSON.parse(await readFile(join(claim.path, "overlay.json"), "utf8")) as object;
    assert.ok("image" in record && record.image === "mirror.example/os:1");
  });

  it("grows when a larger disk is asked for", async () => {
    const os = await base("os");
    await keptOverlay(claim, os, MiB);
    const file = await keptOverlay(claim, os, 3 * MiB);
    assert.equal((await infoOf(file))["virtual-size"], 3 * MiB);
  });

  it("refuses a disk of another content, though it is as large and has the same name", async () => {
    await keptOverlay(claim, await base("os"), MiB);
    const before = await readFile(join(claim.path, "overlay.qcow2"));
    await assert.rejects(
      keptOverlay(claim, await base("newer"), MiB),
      refused(
        /written over the disk of image example\.org\/os:1 .*: take what that name stood for then again/,
      ),
    );
    await assert.rejects(
      keptOverlay(claim, await base("new", "new.img", "example.org/os:2"), MiB),
      refused(
        /disk of example\.org\/os:2 is another one .*: take example\.org\/os:1 again, or give an empty claim/,
      ),
    );
    assert.deepEqual(await readFile(join(claim.path, "overlay.qcow2")), before);
  });

  it("begins anew where an earlier start was cut short before it had an overlay", async () => {
    await keptOverlay(claim, await base("os"), MiB);
    await rm(join(claim.path, "overlay.qcow2"));
    await writeFile(join(claim.path, "overlay.qcow2.unfinished"), "half");
    const newer = await base("newer");
    assert.equal((await infoOf(await keptOverlay(claim, newer, MiB)))["backing-filename"], newer.file);
  });

  it("refuses an overlay without a record, and one with a broken record", async () => {
    const os = await base("os");
    await keptOverlay(claim, os, MiB);
    await writeFile(join(claim.path, "overlay.json"), "{");
    await assert.rejects(keptOverlay(claim, os, MiB), refused(/record overlay\.json that cannot be read/));
    await rm(join(claim.path, "overlay.json"));
    await assert.rejects(keptOverlay(claim, os, MiB), refused(/has no record overlay\.json/));
  });

  it("follows no reference that somebody wrote into the overlay", async () => {
    const os = await base("os");
    const file = await keptOverlay(claim, os, MiB);
    await command("qemu-img", ["rebase", "-u", "-f", "qcow2", "-b", "/etc/hostname", "-F", "raw", file]);
    await keptOverlay(claim, os, MiB);
    assert.equal((await infoOf(file))["backing-filename"], os.file);
    const options = `data_file=${join(folder, "data")}`;
    await command("qemu-img", ["create", "-q", "-f", "qcow2", "-o", options, file, "1M"]);
    await assert.rejects(keptOverlay(claim, os, MiB), refused(/keeps its data in another file/));
  });

  it("refuses what is no qcow2", async () => {
    const os = await base("os");
    await writeFile(await keptOverlay(claim, os, MiB), Buffer.alloc(MiB));
    await assert.rejects(keptOverlay(claim, os, MiB), refused(/has the format raw; an overlay is qcow2/));
  });
});
