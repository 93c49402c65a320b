import { StringDecoder } from "node:string_decoder";

/** A line longer than this many characters is cut; so is what has been received of one without an end. */
export const LONGEST_LINE = 4096;

const CUT = " …";

const ESC = String.fromCharCode(0x1b);
const BEL = String.fromCharCode(0x07);

/** What moves a terminal's cursor, sets its colours or title, or makes it answer (ECMA-48, xterm). */
const SEQUENCES = new RegExp(
  [
    `${ESC}\\[[0-?]*[ -/]*[@-~]`,
    `${ESC}[\\]P^_X][^${BEL}${ESC}]*(?:${BEL}|${ESC}\\\\)?`,
    `${ESC}[ -/]*[0-~]?`,
  ].join("|"),
  "g",
);

/** Control characters but tab and carriage return, and those that turn the direction of text. */
const UNSEEN = /(?![\t\r])[\p{Cc}\p{Cf}]/gu;

/** Makes lines of text that are harmless to show out of what a guest sends to its serial console. */
export class ConsoleText {
  readonly #decoder = new StringDecoder("utf8");
  #rest = "";
  /** The line under way has been told, cut: what follows of it is left out. */
  #cut = false;

  /** The lines that these bytes complete, without their ends; empty ones are left out. */
  lines(bytes: Buffer): string[] {
    const pieces = (this.#rest + this.#decoder.write(bytes)).split("\n");
    this.#rest = pieces.pop() ?? "";
    const lines = pieces.map((piece) => this.#line(piece));
    if (this.#cut) this.#rest = "";
    if (this.#rest.length > LONGEST_LINE) {
      lines.push(this.#line(this.#rest));
      this.#rest = "";
      this.#cut = true;
    }
    return lines.filter((line) => line !== "");
  }

  /** What has been begun of a line; nothing of it is kept. */
  flush(): string[] {
    const rest = this.#line(this.#rest + this.#decoder.end());
    this.#rest = "";
    return rest === "" ? [] : [rest];
  }

  #line(piece: string): string {
    if (this.#cut) {
      this.#cut = false;
      return "";
    }
    return piece.length > LONGEST_LINE ? harmless(piece.slice(0, LONGEST_LINE)) + CUT : harmless(piece);
  }
}

/** What a terminal would show of the line in the end: a carriage return begins it anew. */
function harmless(line: string): string {
  const shown = line.replace(SEQUENCES, "").replace(UNSEEN, "");
  const drafts = shown.split("\r").filter((draft) => draft.trim() !== "");
  return drafts.at(-1)?.trimEnd() ?? "";
}
