import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Settings } from "./settings.ts";

/** What the lab has set aside for guests that ask for huge pages. */
export interface HugePages {
  /** Pages of 2 MiB that it added to the machine's. */
  readonly pages: number;
  /** Why there are none. */
  readonly trouble?: string;
}

/** As many as the smallest guest has memory: 64 MiB. */
const wanted = 32;
/** How many pages the machine has (kernel docs, admin-guide/mm/hugetlbpage.rst). */
const machinePool = "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages";

type Place = Pick<Settings, "runDir">;

/**
 * Sets pages aside, once a lab. A machine that cannot is none the worse for all else. A kubelet counts pages when it
 * starts, so this comes first.
 */
export async function reserveHugePages(place: Place, pool = machinePool): Promise<HugePages> {
  const known = await hugePagesOf(place);
  // What was written down before the machine was started anew is no longer so.
  if (known !== undefined && known.pages > 0 && (await sizeOf(pool)) >= known.pages) return known;
  const reserved = await reserve(pool);
  await writeFile(record(place), JSON.stringify(reserved));
  return reserved;
}

/** Takes back what was added; what somebody else has set aside stays. */
export async function giveBackHugePages(place: Place, pool = machinePool): Promise<void> {
  const { pages } = (await hugePagesOf(place)) ?? { pages: 0 };
  if (pages > 0) await writeFile(pool, String(Math.max(0, (await sizeOf(pool)) - pages)));
}

/** Undefined: no lab has asked for any yet. */
export async function hugePagesOf(place: Place): Promise<HugePages | undefined> {
  const text = await readFile(record(place), "utf8").catch(() => "");
  return text === "" ? undefined : (JSON.parse(text) as HugePages);
}

export function hugePagesText({ pages, trouble = "" }: HugePages): string {
  return pages > 0 ? `${pages} of 2 MiB` : `none: ${trouble}`;
}

async function reserve(pool: string): Promise<HugePages> {
  try {
    const before = await sizeOf(pool);
    await writeFile(pool, String(before + wanted));
    const got = (await sizeOf(pool)) - before;
    if (got >= wanted) return { pages: wanted };
    await writeFile(pool, String(before));
    return { pages: 0, trouble: `the machine's memory is too scattered for ${wanted} pages of 2 MiB` };
  } catch (error) {
    return { pages: 0, trouble: `the kernel gives no pages of 2 MiB: ${(error as Error).message}` };
  }
}

async function sizeOf(pool: string): Promise<number> {
  return Number(await readFile(pool, "utf8"));
}

function record({ runDir }: Place): string {
  return join(runDir, "huge-pages.json");
}
