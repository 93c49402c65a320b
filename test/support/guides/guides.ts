import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { repoRoot } from "../../../hack/lib/paths.ts";
import { pageOf, type Block, type Page } from "./page.ts";
import { commandsOf, programOf } from "./shell.ts";

/** A page of the documentation. */
export interface Guide extends Page {
  /** From the repository's root. */
  path: string;
  text: string;
}

/** Pages that are made from something else, and records of decisions, are not followed by anybody. */
const NOT_FOLLOWED = /^docs\/(decisions\/|nestctl\.md$|api-reference\.md$)/;

/** All pages of the documentation. @throws Error that names the page which cannot be read as Markdown */
export async function allGuides(): Promise<Guide[]> {
  const paths = await Array.fromAsync(glob(["*.md", "docs/**/*.md", "examples/*.md"], { cwd: repoRoot }));
  return Promise.all(paths.toSorted().map(guideAt));
}

/** Those whose shell blocks are run. */
export async function followedGuides(): Promise<Guide[]> {
  return (await allGuides()).filter(({ path }) => !NOT_FOLLOWED.test(path));
}

async function guideAt(path: string): Promise<Guide> {
  const text = await readFile(join(repoRoot, path), "utf8");
  try {
    return { path, text, ...pageOf(text) };
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * How a shell block is used: `run` by copy and paste in a lab that is up, from the repository's root; `guest` the same,
 * and it boots guests; `read` needs something of the reader's own, so that only its syntax is looked at.
 */
export type Use = "run" | "guest" | "read";

const USES: Record<string, Use | undefined> = { "": "run", guest: "guest", "no-run": "read" };

/** @throws Error for a word that is none of these */
export function useOf({ words }: Block): Use {
  const use = USES[words.join(" ")];
  if (use === undefined)
    throw new Error(`"sh ${words.join(" ")}" is no kind of block; write sh, sh guest or sh no-run`);
  return use;
}

/** Blocks of shell text, and how they are used. */
export function shellBlocks({ blocks }: Page): { block: Block; use: Use }[] {
  return blocks.filter(({ language }) => language === "sh").map((block) => ({ block, use: useOf(block) }));
}

/** Which test runs a page: with a block that boots guests, all of it takes long. */
export function runOf(page: Page): "end to end" | "long" | "none" {
  const uses = new Set(shellBlocks(page).map(({ use }) => use));
  if (uses.has("guest")) return "long";
  return uses.has("run") ? "end to end" : "none";
}

/**
 * A command of a block that sets up or ends the lab, or leads somewhere else than to the namespace that the test has
 * made; undefined when there is none. Such a block is for reading.
 */
export function leadsAway({ text }: Block): string | undefined {
  const found = commandsOf(text).find((words) => {
    const line = (programOf(words) ?? []).join(" ");
    return LEAD_AWAY.some((pattern) => pattern.test(line));
  });
  return found?.join(" ");
}

const LEAD_AWAY = [
  /^(\S*\/)?hack\/lab\.sh (up|down)\b/,
  /^(\S*\/)?hack\/test\.sh\b/,
  /^npm run (bench|test)\b/,
  /^helm (install|upgrade|uninstall|rollback)\b/,
  /^export (.* )?KUBECONFIG=/,
  /^kubectl config use-context\b/,
  /^kubectl delete (.* )?(-A|--all-namespaces|crd|crds|customresourcedefinitions?)\b/,
];
