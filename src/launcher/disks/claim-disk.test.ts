import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ClaimSource } from "../../launch-plan/launch-plan.ts";
import { StartError } from "../start-error.ts";
import { command } from "../command.ts";
import { diskFileOf, findClaimBase, prepareClaimDisk } from "./claim-disk.ts";
import { diskSize, findDiskFile } from "./disk-file.ts";

const MiB = 2 ** 20;

describe("findDisk", () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "claim-disk-"))));
  afterEach(() => rm(folder, { recursive: true }));

  const source = (more: Partial<ClaimSource> = {}): ClaimSource => ({
    kind: "PersistentVolumeClaim",
    claimName: "data",
    volumeMode: "Filesystem",
    path: folder,
    ...more,
  });
  const findDisk = async (claim: ClaimSource): Promise<string> => {
    const disk = diskFileOf(claim);
    await findDiskFile(disk);
    return disk.file;
  };
  const refused = (message: RegExp) => (error: unknown) =>
    error instanceof StartError && error.message.startsWith("claim data: ") && message.test(error.message);

  it("finds disk.img and leaves it as it is", async () => {
    await writeFile(join(folder, "disk.img"), "guest's");
    assert.equal(await findDisk(source({ createBytes: MiB })), join(folder, "disk.img"));
    assert.equal((await stat(join(folder, "disk.img"))).size, 7);
  });
  it("refuses a claim without a disk, naming both remedies", async () => {
    await assert.rejects(findDisk(source()), refused(/disk\.img is not there; copy .*create: true/));
  });
  it("makes an empty disk that takes no room, where that is asked for", async () => {
    const file = await findDisk(source({ createBytes: 3 * MiB }));
    const { size, blocks, mode } = await stat(file);
    assert.deepEqual([size, blocks, mode & 0o777], [3 * MiB, 0, 0o600]);
  });
  it("takes what an earlier start left unfinished for nothing", async () => {
    await writeFile(join(folder, "disk.img.unfinished"), "half a disk");
    assert.equal((await stat(await findDisk(source({ createBytes: MiB })))).size, MiB);
  });
  it("refuses links, wherever they lead, and folders", async () => {
    await symlink("/etc/passwd", join(folder, "disk.img"));
    await assert.rejects(findDisk(source({ createBytes: MiB })), refused(/not a regular file/));
    await rm(join(folder, "disk.img"));
    await mkdir(join(folder, "disk.img"));
    await assert.rejects(findDisk(source()), refused(/not a regular file/));
  });
  it("lets a disk grow with its claim, and never shrink", async () => {
    await writeFile(join(folder, "disk.img"), Buffer.alloc(MiB, "guest's"));
    await prepareClaimDisk(source({ createBytes: 4 * MiB }), false);
    assert.equal((await stat(join(folder, "disk.img"))).size, 4 * MiB);
    await prepareClaimDisk(source({ createBytes: 2 * MiB }), false);
    await prepareClaimDisk(source(), false);
    await prepareClaimDisk(source({ createBytes: 8 * MiB }), true);
    assert.equal((await stat(join(folder, "disk.img"))).size, 4 * MiB);
  });
  it("lets a qcow2 disk grow, too", async () => {
    const file = join(folder, "disk.img");
    await command("qemu-img", ["create", "-q", "-f", "qcow2", file, "1M"]);
    const { format } = await prepareClaimDisk(source({ createBytes: 4 * MiB }), false);
    assert.equal(format, "qcow2");
    const info = JSON.parse(await command("qemu-img", ["info", "--output=json", file])) as object;
    assert.equal("virtual-size" in info && info["virtual-size"], 4 * MiB);
  });
  it("is the base of what is ephemeral, and never made for it", async () => {
    const base = {
      kind: "EphemeralClaim",
      claimName: "data",
      volumeMode: "Filesystem",
      path: folder,
    } as const;
    await assert.rejects(
      findClaimBase(base),
      refused(/disk\.img is not there; copy a disk image.*this name$/),
    );
    await writeFile(join(folder, "disk.img"), Buffer.alloc(MiB));
    assert.deepEqual(await findClaimBase(base), { file: join(folder, "disk.img"), format: "raw" });
  });
  it("refuses a Block claim whose device is none", async () => {
    const block = source({ volumeMode: "Block", path: join(folder, "device") });
    await assert.rejects(prepareClaimDisk(block, false), refused(/the pod has no block device/));
    await writeFile(join(folder, "device"), "");
    await assert.rejects(prepareClaimDisk(block, false), refused(/the pod has no block device/));
  });
});

describe("diskSize", () => {
  for (const [title, claim, available, size] of [
    ["the claim's", 10 * MiB, 100 * MiB, 10 * MiB],
    ["what the file system has room for", 10 * MiB, 9.5 * MiB, 9 * MiB],
    ["none where there is no room", 10 * MiB, 1000, 0],
  ] as const) {
    it(title, () => assert.equal(diskSize(claim, available), size));
  }
});
