import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command } from "../command.ts";
import { judgeHeader } from "./image-header.ts";
import { ImageRefused } from "./image-info.ts";
import { inspectImage } from "./qemu-img.ts";

const MiB = 2 ** 20;
const SEED = 20_260_801;

/** Numbers from 0 to 1, the same at each run (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Values at which parsers stumble, by their number of bytes. */
const NASTY = [
  0n,
  1n,
  2n,
  3n,
  7n,
  8n,
  9n,
  21n,
  22n,
  31n,
  63n,
  255n,
  512n,
  65_536n,
  2n ** 31n - 1n,
  2n ** 32n - 1n,
];
const NASTIER = [...NASTY, 2n ** 32n, 2n ** 46n, 2n ** 53n, 2n ** 62n, 2n ** 63n - 1n, 2n ** 64n - 1n];
/** The header's fields: offset and bytes. */
const FIELDS = [
  ...[
    [4, 4],
    [8, 8],
    [16, 4],
    [20, 4],
    [24, 8],
    [32, 4],
    [36, 4],
    [40, 8],
    [48, 8],
  ],
  ...[
    [56, 4],
    [60, 4],
    [64, 8],
    [72, 8],
    [80, 8],
    [88, 8],
    [96, 4],
    [100, 4],
    [104, 4],
    [108, 4],
  ],
] as const;

/** The image with some of its header changed, or its end cut off. */
function mutated(image: Buffer, next: () => number): Buffer {
  const copy = Buffer.from(image);
  const below = (limit: number): number => Math.floor(next() * limit);
  for (let changes = 1 + below(3); changes > 0; changes--) {
    const [offset = 0, bytes = 4] = FIELDS[below(FIELDS.length)] ?? [];
    const kind = below(4);
    if (kind === 0) copy[below(256)] = below(256);
    else if (kind === 1) copy[offset + below(bytes)] = 1 << below(8);
    else if (bytes === 8) copy.writeBigUInt64BE(NASTIER[below(NASTIER.length)] ?? 0n, offset);
    else copy.writeUInt32BE(Number(NASTY[below(NASTY.length)] ?? 0n), offset);
  }
  return next() < 0.2 ? copy.subarray(0, below(copy.length)) : copy;
}

describe("judgeHeader", () => {
  let folder: string;
  let image: Buffer;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "image-header-"));
    const file = join(folder, "sound.qcow2");
    await command("qemu-img", ["create", "-q", "-f", "qcow2", file, "1G"]);
    image = await readFile(file);
  });
  after(() => rm(folder, { recursive: true }));

  const refused = (head: Buffer, message: RegExp, bytes = head.length): void =>
    assert.throws(
      () => judgeHeader(head, bytes),
      (error) => error instanceof ImageRefused && message.test(error.message),
    );
  const changed = (offset: number, value: number | bigint): Buffer => {
    const copy = Buffer.from(image);
    if (typeof value === "bigint") copy.writeBigUInt64BE(value, offset);
    else copy.writeUInt32BE(value, offset);
    return copy;
  };

  it("takes what qemu-img makes, in each of its forms", async () => {
    for (const options of [
      [],
      ["-o", "compat=0.10"],
      ["-o", "cluster_size=512"],
      ["-o", "cluster_size=2M,extended_l2=on"],
    ]) {
      const file = join(folder, "made.qcow2");
      await command("qemu-img", ["create", "-q", "-f", "qcow2", ...options, file, "2G"]);
      assert.equal(
        judgeHeader(await readFile(file), (await readFile(file)).length),
        "qcow2",
        options.join(" "),
      );
    }
  });
  it("takes anything else for raw", () => assert.equal(judgeHeader(Buffer.alloc(512), MiB), "raw"));
  it("takes an overlay only where one may be", async () => {
    const file = join(folder, "over.qcow2");
    const create = ["create", "-q", "-f", "qcow2", "-u", "-b", "/etc/shadow", "-F", "raw", file, "1M"];
    await command("qemu-img", create);
    const over = await readFile(file);
    refused(over, /^has the backing file "\/etc\/shadow"; flatten it/);
    assert.equal(judgeHeader(over, over.length, true), "qcow2");
  });
  it("refuses a data file of its own", async () => {
    const file = join(folder, "meta.qcow2");
    const data = `data_file=${join(folder, "data.raw")},data_file_raw=on`;
    await command("qemu-img", ["create", "-q", "-f", "qcow2", "-o", data, file, "1M"]);
    refused(await readFile(file), /^keeps its data in another file; flatten it/);
  });
  it("refuses what is wrong, and says what", () => {
    refused(Buffer.alloc(0), /^is empty/);
    refused(Buffer.from("KDMV"), /^has the format vmdk; convert it/);
    refused(Buffer.from("vhdxfile"), /^has the format vhdx/);
    refused(image.subarray(0, 8), /^ends within its header, after 8 bytes; copy it again/);
    refused(image.subarray(0, 90), /^ends within its header/);
    refused(image.subarray(0, 70_000), /^ends before the end of its/);
    refused(changed(4, 4), /^is qcow2 of version 4, want 2 or 3/);
    refused(changed(24, 2n ** 62n), /^has a virtual size of 4611686018427387904 bytes/);
    refused(changed(24, 0n), /^has a virtual size of 0 bytes/);
    refused(changed(20, 40), /clusters of 2\^40 bytes/);
    refused(changed(32, 1), /^is encrypted/);
    refused(changed(36, 0), /an L1 table of 0 entries for 1073741824 bytes/);
    refused(changed(40, 2n ** 63n), /^ends before the end of its L1 table/);
    refused(changed(40, 4n), /its L1 table at 4/);
    refused(changed(56, 0), /no refcount table/);
    refused(changed(60, 2 ** 31), /2147483648 snapshots/);
    refused(changed(72, 2n), /^is marked corrupt/);
    refused(changed(72, 4n), /^keeps its data in another file/);
    refused(changed(72, 1n << 40n), /^has the unknown qcow2 features 10000000000/);
    refused(changed(100, 5), /a header of 5 bytes/);
  });

  it("judges ten thousand mutated headers: refused with a sentence, or harmless", function () {
    this.timeout(60_000);
    const next = random(SEED);
    const verdicts = { refused: 0, taken: 0 };
    for (let round = 0; round < 10_000; round++) {
      const bytes = mutated(image, next);
      try {
        const format = judgeHeader(bytes, bytes.length);
        verdicts.taken++;
        if (format === "qcow2") {
          assert.equal(bytes.readBigUInt64BE(8), 0n, "a backing file");
          assert.equal(bytes.readBigUInt64BE(72) & 4n && bytes.readUInt32BE(4) === 3, 0n, "a data file");
        }
      } catch (error) {
        if (!(error instanceof ImageRefused)) throw error;
        verdicts.refused++;
      }
    }
    assert.ok(verdicts.refused > 2000 && verdicts.taken > 500, JSON.stringify(verdicts));
  });

  it("judges a hundred mutated images together with qemu-img, under limits", async function () {
    this.timeout(120_000);
    const next = random(SEED + 1);
    const file = join(folder, "mutated.qcow2");
    let looked = 0;
    for (let round = 0; round < 1000 && looked < 100; round++) {
      const bytes = mutated(image, next);
      await writeFile(file, bytes);
      try {
        judgeHeader(bytes, bytes.length);
        looked++;
      } catch {
        continue;
      }
      const verdict = await inspectImage(file).catch((error: unknown) => error);
      if (verdict instanceof ImageRefused) continue;
      assert.ok(!(verdict instanceof Error), String(verdict));
      const info = await command("qemu-img", ["info", "--output=json", file]);
      assert.doesNotMatch(info, /backing-filename|"data-file"|"encrypted"/);
    }
    assert.equal(looked, 100);
  });
});
