/**
 * The simple commands of a shell text, each as its words. Quotes are taken away; what the shell would fill in stays as
 * it is written, `$(...)` as well, whose own commands come before the one that they are in. Redirections and the text of
 * here-documents are no words.
 */
export function commandsOf(text: string): string[][] {
  return new Scanner(text).commands;
}

/** The shell text that a dialogue shows as typed: lines after `$ `, and those that continue them. */
export function typedIn(dialogue: string): string {
  let goesOn = false;
  const typed = dialogue.split("\n").flatMap((line) => {
    const text = goesOn ? line.replace(/^> /, "") : /^\$ (.*)$/.exec(line)?.[1];
    goesOn = text?.endsWith("\\") ?? false;
    return text === undefined ? [] : [`${text}\n`];
  });
  return typed.join("");
}

/** Words that stand before a command without being one. */
const BEFORE = new Set([
  "!",
  "{",
  "do",
  "elif",
  "else",
  "env",
  "exec",
  "if",
  "sudo",
  "then",
  "time",
  "until",
  "watch",
  "while",
]);

/** The program that runs, and its arguments; undefined for a command that only sets variables. */
export function programOf(words: readonly string[]): [string, ...string[]] | undefined {
  const [first, ...rest] = words;
  if (first === undefined) return undefined;
  if (BEFORE.has(first) || /^\w+\+?=/.test(first)) return programOf(rest);
  if (first === "timeout") return programOf(rest.slice(rest.findIndex((word) => /^\d/.test(word)) + 1));
  return [first, ...rest];
}

/** What the next word is, when it is none of the command. */
type Expected = "file" | "end of document" | undefined;

class Scanner {
  readonly commands: string[][] = [];
  private readonly text: string;
  private at: number;
  private words: string[] = [];
  private word: string | undefined;
  private expected: Expected;
  private readonly documents: string[] = [];

  constructor(text: string, from = 0, close?: string) {
    this.text = text;
    this.at = from;
    while (this.at < text.length && this.text[this.at] !== close) this.step();
    this.endCommand();
  }

  private step(): void {
    const char = this.text.charAt(this.at);
    const special = this.special[char];
    if (special === undefined) {
      this.add(char);
      this.at++;
    } else {
      special();
    }
  }

  private readonly special: Record<string, (() => void) | undefined> = {
    "\\": () => this.escaped(),
    "'": () => this.singleQuoted(),
    '"': () => this.doubleQuoted(),
    $: () => this.dollar(),
    "`": () => this.substitution(1, "`"),
    "#": () => this.comment(),
    "<": () => this.redirection(),
    ">": () => this.redirection(),
    "&": () => (this.text[this.at + 1] === ">" ? this.redirection() : this.separator()),
    "|": () => this.separator(),
    ";": () => this.separator(),
    "(": () => this.separator(),
    ")": () => this.separator(),
    "\n": () => this.newline(),
    " ": () => this.blank(),
    "\t": () => this.blank(),
  };

  private add(text: string): void {
    this.word = (this.word ?? "") + text;
  }

  private escaped(): void {
    const next = this.text.charAt(this.at + 1);
    if (next !== "\n") this.add(next);
    this.at += 2;
  }

  private singleQuoted(): void {
    const end = this.endOf("'");
    this.add(this.text.slice(this.at + 1, end));
    this.at = end + 1;
  }

  private endOf(mark: string): number {
    const end = this.text.indexOf(mark, this.at + 1);
    return end < 0 ? this.text.length : end;
  }

  private doubleQuoted(): void {
    this.add("");
    this.at++;
    while (this.at < this.text.length && this.text[this.at] !== '"') {
      const char = this.text[this.at];
      if (char === "\\") this.escaped();
      else if (char === "$") this.dollar();
      else if (char === "`") this.substitution(1, "`");
      else {
        this.add(char ?? "");
        this.at++;
      }
    }
    this.at++;
  }

  private dollar(): void {
    const next = this.text[this.at + 1];
    if (next === "(" && this.text[this.at + 2] !== "(") {
      this.substitution(2, ")");
      return;
    }
    const [shown = "$"] = /^(?:\$\{[^}]*\}|\$\(\(.*?\)\)|\$)/.exec(this.text.slice(this.at)) ?? [];
    this.add(shown);
    this.at += shown.length;
  }

  /** @param skip length of what opens it */
  private substitution(skip: number, close: string): void {
    const inner = new Scanner(this.text, this.at + skip, close);
    this.commands.push(...inner.commands);
    this.add(this.text.slice(this.at, inner.at + 1));
    this.at = inner.at + 1;
  }

  private comment(): void {
    if (this.word === undefined) {
      const end = this.endOf("\n");
      this.at = end;
    } else {
      this.add("#");
      this.at++;
    }
  }

  private redirection(): void {
    // The number of what is redirected.
    if (/^\d+$/.test(this.word ?? "")) this.word = undefined;
    this.endWord();
    const [operator = ""] = /^(?:&>>?|<<<|<<-?|[<>]\(|<>|>>|>\||[<>]&?)/.exec(this.text.slice(this.at)) ?? [];
    if (operator.endsWith("(")) {
      this.substitution(2, ")");
      return;
    }
    this.at += operator.length;
    this.expected = /^<<-?$/.test(operator) ? "end of document" : "file";
  }

  private separator(): void {
    this.endCommand();
    this.at++;
  }

  private newline(): void {
    this.endCommand();
    this.at++;
    for (const end of this.documents.splice(0)) this.skipDocument(end);
  }

  private skipDocument(end: string): void {
    while (this.at < this.text.length) {
      const stop = this.text.indexOf("\n", this.at);
      const line = this.text.slice(this.at, stop < 0 ? this.text.length : stop);
      this.at = stop < 0 ? this.text.length : stop + 1;
      if (line.replace(/^\t+/, "") === end) return;
    }
  }

  private blank(): void {
    this.endWord();
    this.at++;
  }

  private endWord(): void {
    if (this.word === undefined) return;
    if (this.expected === undefined) this.words.push(this.word);
    else if (this.expected === "end of document") this.documents.push(this.word);
    this.expected = undefined;
    this.word = undefined;
  }

  private endCommand(): void {
    this.endWord();
    if (this.words.length > 0) this.commands.push(this.words);
    this.words = [];
  }
}
