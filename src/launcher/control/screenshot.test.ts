import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { takeScreenshot } from "./screenshot.ts";

const png = Buffer.from("89504e470d0a1a0a00", "hex");

describe("takeScreenshot", () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "screenshot-"))));
  afterEach(async () => {
    const left = await readdir(folder);
    await rm(folder, { recursive: true });
    assert.deepEqual(left, [], "nothing is left behind");
  });

  /** Does as qemu's screendump: writes a file and answers. */
  const monitor = (content: Buffer, answer: object) => ({
    qmp: async (command: string): Promise<string> => {
      const { arguments: args } = JSON.parse(command) as { arguments: { filename: string; format: string } };
      assert.equal(args.format, "png");
      await writeFile(args.filename, content);
      return JSON.stringify(answer);
    },
  });

  it("is the file that qemu wrote", async () => {
    assert.deepEqual(await takeScreenshot(monitor(png, { return: {} }), folder), png);
  });
  it("fails with qemu's words", async () => {
    const refused = monitor(png, { error: { class: "GenericError", desc: "no such device" } });
    await assert.rejects(takeScreenshot(refused, folder), { code: "Refused", message: /no such device/ });
  });
  it("fails when that is no PNG", async () => {
    const wrong = monitor(Buffer.from("P6 1 1"), { return: {} });
    await assert.rejects(takeScreenshot(wrong, folder), { message: /6 bytes that are no PNG/ });
  });
});
