/** A fenced block of a Markdown page. */
export interface Block {
  /** Line of the page, from 1, on which its fence opens. */
  line: number;
  /** First word behind the fence; empty without one. */
  language: string;
  /** The words after it: ```` ```sh no-run ```` has `no-run`. */
  words: string[];
  /** What is within, without the indentation of its fence. */
  text: string;
}

export interface Link {
  line: number;
  target: string;
}

/** A Markdown page in the parts that can be tested. */
export interface Page {
  blocks: Block[];
  /** Markdown of the headings, in their order. */
  headings: string[];
  /** Targets of links and pictures outside of code. */
  links: Link[];
}

interface Fence {
  mark: string;
  indent: number;
  block: Block;
}

/** @throws Error that names the line of a fence that is not closed */
export function pageOf(text: string): Page {
  const page: Page = { blocks: [], headings: [], links: [] };
  let fence: Fence | undefined;
  text.split("\n").forEach((line, index) => {
    if (fence === undefined) {
      fence = openedBy(line, index + 1);
      if (fence === undefined) readProse(page, line, index + 1);
      else page.blocks.push(fence.block);
    } else if (closes(line, fence)) {
      fence = undefined;
    } else {
      fence.block.text += `${withoutIndent(line, fence.indent)}\n`;
    }
  });
  if (fence !== undefined) throw new Error(`line ${String(fence.block.line)}: the fence is not closed`);
  return page;
}

/** At any depth of indentation: blocks in list items are indented, and indented code is not used here. */
function openedBy(line: string, number: number): Fence | undefined {
  const [, blank, mark, info] = /^(\s*)(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
  if (blank === undefined || mark === undefined || info === undefined) return undefined;
  // A line of code in backticks is no fence.
  if (mark.startsWith("`") && info.includes("`")) return undefined;
  const [language = "", ...words] = info.trim().split(/\s+/);
  return { mark, indent: blank.length, block: { line: number, language, words, text: "" } };
}

function closes(line: string, { mark }: Fence): boolean {
  const shown = line.trim();
  return shown.length >= mark.length && shown === mark.charAt(0).repeat(shown.length);
}

function withoutIndent(line: string, indent: number): string {
  return line.slice(Math.min(indent, /^\s*/.exec(line)?.[0].length ?? 0));
}

function readProse(page: Page, line: string, number: number): void {
  const heading = /^ {0,3}#{1,6}\s+(.*?)(?:\s+#+)?\s*$/.exec(line)?.[1];
  if (heading !== undefined) page.headings.push(heading);
  const prose = line.replaceAll(/(`+)(?!`).*?(?<!`)\1(?!`)/g, "");
  const definition = /^ {0,3}\[[^\]]+\]:\s+(\S+)/.exec(prose)?.[1];
  const targets = [...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)].map(
    ([, target = ""]) => target,
  );
  for (const target of definition === undefined ? targets : [definition]) {
    page.links.push({ line: number, target });
  }
}
