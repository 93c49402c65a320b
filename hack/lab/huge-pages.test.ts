import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { giveBackHugePages, hugePagesOf, hugePagesText, reserveHugePages } from "./huge-pages.ts";

describe("huge pages", () => {
  let runDir: string;
  let pool: string;
  const size = async (): Promise<number> => Number(await readFile(pool, "utf8"));
  beforeEach(async () => {
    runDir = await mkdtemp(join(tmpdir(), "nestlet-pages-"));
    pool = join(runDir, "nr_hugepages");
    await writeFile(pool, "4\n");
  });
  afterEach(async () => rm(runDir, { recursive: true }));

  it("are added to the machine's, once", async () => {
    assert.deepEqual(await reserveHugePages({ runDir }, pool), { pages: 32 });
    assert.deepEqual(await reserveHugePages({ runDir }, pool), { pages: 32 });
    assert.equal(await size(), 36);
    assert.deepEqual(await hugePagesOf({ runDir }), { pages: 32 });
  });

  it("are added again where the machine has lost them", async () => {
    await reserveHugePages({ runDir }, pool);
    await writeFile(pool, "0");
    await reserveHugePages({ runDir }, pool);
    assert.equal(await size(), 32);
  });

  it("are given back, but for those of others", async () => {
    await reserveHugePages({ runDir }, pool);
    await writeFile(pool, "40");
    await giveBackHugePages({ runDir }, pool);
    assert.equal(await size(), 8);
  });

  it("are none that somebody else has taken away", async () => {
    await reserveHugePages({ runDir }, pool);
    await writeFile(pool, "10");
    await giveBackHugePages({ runDir }, pool);
    assert.equal(await size(), 0);
  });

  it("are not given back where none were reserved", async () => {
    await giveBackHugePages({ runDir }, pool);
    assert.equal(await size(), 4);
  });

  it("may be missing, which is said and tried again", async () => {
    const none = await reserveHugePages({ runDir }, join(runDir, "no-such-pool"));
    assert.equal(none.pages, 0);
    assert.match(hugePagesText(none), /^none: the kernel gives no pages of 2 MiB: ENOENT/);
    assert.equal(hugePagesText(await reserveHugePages({ runDir }, pool)), "32 of 2 MiB");
  });
});
