import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StartError } from "../start-error.ts";
import { prepareKernel } from "./kernel-image.ts";

describe("prepareKernel", () => {
  let image: string;
  beforeEach(async () => {
    image = await mkdtemp(join(tmpdir(), "kernel-image-"));
    await mkdir(join(image, "boot"));
    await writeFile(join(image, "boot/vmlinuz-6"), "kernel");
    await symlink("vmlinuz-6", join(image, "boot/vmlinuz"));
  });
  afterEach(() => rm(image, { recursive: true }));

  const boot = (more: object): Parameters<typeof prepareKernel>[0] => ({
    image: "example.org/kernel:6",
    mountPath: image,
    kernelPath: "/boot/vmlinuz",
    ...more,
  });
  const refused = (message: RegExp) => (error: unknown) =>
    error instanceof StartError &&
    error.message.startsWith("kernelBoot example.org/kernel:6: ") &&
    message.test(error.message);

  it("finds the kernel through links, and passes its arguments on", async () => {
    assert.deepEqual(await prepareKernel(boot({ arguments: "quiet" })), {
      kernel: join(image, "boot/vmlinuz-6"),
      arguments: "quiet",
    });
    assert.equal(await prepareKernel(undefined), undefined);
  });
  it("refuses a file that is missing, a folder, and a link that leads out", async () => {
    await assert.rejects(
      prepareKernel(boot({ initrdPath: "/boot/initrd" })),
      refused(/no file \/boot\/initrd/),
    );
    await assert.rejects(prepareKernel(boot({ kernelPath: "/boot" })), refused(/not a regular file/));
    await symlink("/etc/passwd", join(image, "boot/initrd"));
    await assert.rejects(prepareKernel(boot({ initrdPath: "/boot/initrd" })), refused(/leaves the image/));
  });
});
